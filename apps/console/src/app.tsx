/** The frame: who is signed in, where one can go, language and colours. The address says which page is shown. */
import { lazy, Suspense, useEffect, useState, type ComponentType, type ReactElement } from 'react';
import { signedInStore } from './api/http.js';
import { useProjectOf } from './ui/project-link.js';
import { Page as SignIn } from './pages/sign-in/page.js';
import { routes, type PageProps, type Route } from './routes.js';
import { go, Link, matchPath, useAddress } from './ui/address.js';
import { ConfirmDialog } from './ui/dialog.js';
import { KeySheet, useKeyboard, useKeys } from './ui/keys.js';
import { Navigation } from './ui/navigation.js';
import { PageBoundary } from './ui/page-boundary.js';
import { Empty, Loading } from './ui/states.js';
import { useStore } from './ui/store.js';
import { themeStore } from './ui/theme.js';
import { Toasts } from './ui/toast.js';
import { languageStore, say } from './words/dictionary.js';
import { frameWords } from './words/frame.js';

const LINK = /^#(?:sign-in|invitation)=(.+)$/;

const Wall = lazy(async () => ({ default: (await import('./pages/wall/page.js')).Page }));
const pages = new Map<Route, ComponentType<PageProps>>();

function pageOf(route: Route): ComponentType<PageProps> {
  const known = pages.get(route);
  if (known !== undefined) return known;
  const page = lazy(async () => {
    const loaded = await route.load().catch((cause: unknown) => {
      // Whoever comes back to it asks again.
      pages.delete(route);
      throw cause;
    });
    return { default: loaded.Page };
  });
  pages.set(route, page);
  return page;
}

export function App(): ReactElement {
  const language = useStore(languageStore);
  const theme = useStore(themeStore);
  const signedIn = useStore(signedInStore);
  const [token, setToken] = useState(() => LINK.exec(location.hash)?.[1]);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme;
  }, [theme]);

  const onSignedIn = (): void => {
    setToken(undefined);
    signedInStore.set(true);
  };
  return (
    <div key={language} className="root">
      {location.pathname === '/wall' ? (
        <Suspense fallback={<Loading />}>
          <Wall />
        </Suspense>
      ) : signedIn && token === undefined ? (
        <Frame />
      ) : (
        <SignIn token={token} onSignedIn={onSignedIn} />
      )}
      <Toasts />
      <ConfirmDialog />
      <KeySheet />
    </div>
  );
}

function Frame(): ReactElement {
  const { path, parameters } = useAddress();
  useProjectOf(parameters.get('project') ?? undefined);
  const words = say(frameWords);
  const language = languageStore.get();
  useKeyboard();
  useKeys(
    routes.flatMap(({ key, path: to, title }) =>
      key === undefined
        ? []
        : [{ keys: `g ${key}`, label: words.keysGo(title[language]), act: () => go(to) }],
    ),
  );
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <Navigation path={path} />
      <Content path={path} />
    </div>
  );
}

function Content({ path }: { path: string }): ReactElement {
  const language = languageStore.get();
  const found = routes
    .map((route) => ({ route, values: matchPath(route.path, path) }))
    .find(({ values }) => values !== undefined);
  const title = found?.route.title[language];
  useEffect(() => {
    document.title = title === undefined ? 'Sillok' : `${title} · Sillok`;
  }, [title]);
  if (found?.values === undefined) return <NotFound />;
  const Page = pageOf(found.route);
  return (
    <PageBoundary key={found.route.path}>
      <Suspense fallback={<Loading />}>
        <Page values={found.values} />
      </Suspense>
    </PageBoundary>
  );
}

function NotFound(): ReactElement {
  const words = say(frameWords);
  return (
    <main id="content" className="page">
      <Empty title={words.notFound} help={words.notFoundHelp}>
        <Link to="/">{words.toHome}</Link>
      </Empty>
    </main>
  );
}
