/** Where one can go: a rail at the side, on a phone a bar below with the most frequent pages and a sheet with all. */
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { signedInStore } from '../api/http.js';
import { signOut } from '../api/search.js';
import { routes, type Group, type Route } from '../routes.js';
import { chooseLanguage, languageStore, say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { Link } from './address.js';
import { Dialog } from './dialog.js';
import { Icon } from './icon.js';
import { openKeySheet } from './keys.js';
import { useStore } from './store.js';
import { nextTheme, themeStore, type Theme } from './theme.js';

const GROUPS: readonly Group[] = ['read', 'understand', 'watch', 'manage'];
/** What the person on call needs under the thumb. */
const BAR = ['/find', '/search', '/live', '/errors', '/alerts'];
const BAR_LINKS = 4;

function groupTitle(group: Group): string {
  const words = say(frameWords);
  if (group === 'read') return words.groupRead;
  if (group === 'understand') return words.groupUnderstand;
  return group === 'watch' ? words.groupWatch : words.groupManage;
}

export function Navigation({ path }: { path: string }): ReactElement {
  const [open, setOpen] = useState(false);
  const words = say(frameWords);
  const links = useRef<HTMLElement>(null);
  useEffect(() => {
    // In a low window the rail scrolls, and where one is must be in sight.
    links.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [path]);
  const bar = BAR.flatMap((to) => routes.filter((route) => route.path === to)).slice(0, BAR_LINKS);
  return (
    <>
      <header className="rail">
        <Brand />
        <nav aria-label={words.pages} className="rail-links" ref={links}>
          <Groups path={path} onGo={() => undefined} />
        </nav>
        <Tools />
      </header>
      <nav className="bar" aria-label={words.pages}>
        {bar.map((route) => (
          <PageLink key={route.path} route={route} path={path} isShort />
        ))}
        <button type="button" onClick={() => setOpen(true)}>
          <Icon name="menu" />
          <span>{words.menu}</span>
        </button>
      </nav>
      {open && (
        <Dialog title={words.menu} onClose={() => setOpen(false)}>
          <nav aria-label={words.pages} className="sheet-links">
            <Groups path={path} onGo={() => setOpen(false)} />
          </nav>
          <Tools />
        </Dialog>
      )}
    </>
  );
}

function Brand(): ReactElement {
  return (
    <Link className="brand" to="/">
      <img src="/mark.svg" alt="" width="24" height="24" />
      <span>
        Sillok <span className="hangul">실록</span>
      </span>
    </Link>
  );
}

function Groups({ path, onGo }: { path: string; onGo: () => void }): ReactElement {
  return (
    <>
      {GROUPS.map((group) => {
        const links = routes.filter((route) => route.group === group);
        if (links.length === 0) return null;
        return (
          <div key={group} className="rail-group">
            <p className="section-title">{groupTitle(group)}</p>
            {links.map((route) => (
              <PageLink key={route.path} route={route} path={path} onGo={onGo} />
            ))}
          </div>
        );
      })}
    </>
  );
}

function PageLink(props: { route: Route; path: string; isShort?: boolean; onGo?: () => void }): ReactElement {
  const { route, path, onGo } = props;
  const title = props.isShort === true ? (route.shortTitle ?? route.title) : route.title;
  const isHere = route.path === '/' ? path === '/' : path === route.path || path.startsWith(`${route.path}/`);
  return (
    <Link to={route.path} aria-current={isHere ? 'page' : undefined} onClick={onGo}>
      <Icon name={route.icon ?? 'chevron'} />
      <span>{title[languageStore.get()]}</span>
    </Link>
  );
}

function Tools(): ReactElement {
  const words = say(frameWords);
  const theme = useStore(themeStore);
  const language = languageStore.get();
  const other = language === 'ko' ? 'en' : 'ko';
  const themeWords: Readonly<Record<Theme, string>> = {
    auto: words.themeAuto,
    light: words.themeLight,
    dark: words.themeDark,
  };
  return (
    <div className="tools">
      <button
        type="button"
        className="quiet"
        title={words.keys}
        aria-label={words.keys}
        onClick={openKeySheet}
      >
        <Icon name="keyboard" />
      </button>
      <button
        type="button"
        className="quiet"
        title={themeWords[theme]}
        aria-label={themeWords[theme]}
        onClick={() => themeStore.set(nextTheme(theme))}
      >
        <Icon name={theme === 'dark' ? 'moon' : theme === 'light' ? 'sun' : 'settings'} />
      </button>
      <button type="button" className="quiet" lang={other} onClick={() => chooseLanguage(other)}>
        {words.language}
      </button>
      <button
        type="button"
        className="quiet"
        onClick={() => void signOut().finally(() => signedInStore.set(false))}
      >
        {words.signOut}
      </button>
    </div>
  );
}
