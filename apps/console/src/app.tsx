/** The frame: who is signed in, which page, which language. The address holds page, query and range. */
import { useCallback, useEffect, useState, type ReactElement } from 'react';
import { api } from './api.js';
import { LivePage } from './live-page.js';
import { SearchPage } from './search-page.js';
import { SignIn } from './sign-in.js';
import { initialLanguage, keepLanguage, wordsOf, type Language, type Words } from './words.js';

type PageName = 'search' | 'live';

/** Query and range as they stand in the address. */
export interface Place {
  readonly page: PageName;
  readonly q: string;
  readonly range: string;
}

function placeFromAddress(): Place {
  const parameters = new URLSearchParams(location.search);
  return {
    page: location.pathname === '/live' ? 'live' : 'search',
    q: parameters.get('q') ?? '',
    range: parameters.get('range') ?? '-24h',
  };
}

function addressOf(place: Place): string {
  const parameters = new URLSearchParams();
  if (place.q !== '') parameters.set('q', place.q);
  if (place.range !== '-24h') parameters.set('range', place.range);
  const text = parameters.toString();
  return `${place.page === 'live' ? '/live' : '/'}${text === '' ? '' : `?${text}`}`;
}

export function App(): ReactElement {
  const [language, setLanguage] = useState<Language>(initialLanguage);
  const [place, setPlace] = useState<Place>(placeFromAddress);
  const [signedOut, setSignedOut] = useState(location.hash.startsWith('#sign-in='));
  const words = wordsOf(language);

  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);

  useEffect(() => {
    const onBack = (): void => setPlace(placeFromAddress());
    addEventListener('popstate', onBack);
    return () => removeEventListener('popstate', onBack);
  }, []);

  const go = useCallback((next: Place) => {
    history.pushState(null, '', addressOf(next));
    setPlace(next);
  }, []);

  const onSignedOut = useCallback(() => setSignedOut(true), []);
  const otherLanguage = language === 'ko' ? 'en' : 'ko';
  const onLanguage = (): void => {
    keepLanguage(otherLanguage);
    setLanguage(otherLanguage);
  };

  if (signedOut) {
    return <SignIn words={words} onSignedIn={() => setSignedOut(false)} />;
  }
  return (
    <div className="frame">
      <Header
        words={words}
        place={place}
        go={go}
        otherLanguage={otherLanguage}
        onLanguage={onLanguage}
        onSignedOut={onSignedOut}
      />
      {place.page === 'live' ? (
        <LivePage words={words} place={place} go={go} onSignedOut={onSignedOut} />
      ) : (
        <SearchPage words={words} language={language} place={place} go={go} onSignedOut={onSignedOut} />
      )}
    </div>
  );
}

interface HeaderProps {
  readonly words: Words;
  readonly place: Place;
  readonly go: (place: Place) => void;
  readonly otherLanguage: Language;
  readonly onLanguage: () => void;
  readonly onSignedOut: () => void;
}

function Header({ words, place, go, otherLanguage, onLanguage, onSignedOut }: HeaderProps): ReactElement {
  return (
    <header>
      <a
        className="brand"
        href="/"
        onClick={(event) => follow(event, () => go({ ...place, page: 'search', q: '' }))}
      >
        <img src="/mark.svg" alt="" width="22" height="22" /> Sillok <span className="hanja">실록</span>
      </a>
      <nav>
        {(['search', 'live'] as const).map((page) => (
          <a
            key={page}
            href={addressOf({ ...place, page })}
            aria-current={place.page === page ? 'page' : undefined}
            onClick={(event) => follow(event, () => go({ ...place, page }))}
          >
            {words[page]}
          </a>
        ))}
      </nav>
      <span className="spring" />
      <button type="button" className="quiet" lang={otherLanguage} onClick={onLanguage}>
        {words.language}
      </button>
      <button type="button" className="quiet" onClick={() => void api.signOut().finally(onSignedOut)}>
        {words.signOut}
      </button>
    </header>
  );
}

/** A link that stays in the page, unless the reader asks for a new tab. */
function follow(event: React.MouseEvent, act: () => void): void {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  act();
}
