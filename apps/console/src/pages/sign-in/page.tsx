/** Signs in by the link that the server printed (its secret is in the fragment, which no server log sees) or a key. */
import { useEffect, useState, type FormEvent, type ReactElement } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { signIn } from '../../api/search.js';
import { chooseLanguage, languageStore, say } from '../../words/dictionary.js';
import { frameWords } from '../../words/frame.js';
import { signInWords } from '../../words/sign-in.js';
import { Problem } from '../../ui/states.js';

interface Props {
  /** The secret of a sign-in link, if the address had one. */
  readonly token: string | undefined;
  readonly onSignedIn: () => void;
}

export function Page({ token, onSignedIn }: Props): ReactElement {
  const [key, setKey] = useState('');
  const [failure, setFailure] = useState<Failure>();
  const words = say(signInWords);

  const sign = (secret: { token: string } | { key: string }): void => {
    setFailure(undefined);
    signIn(secret).then(
      () => {
        withoutSecret();
        onSignedIn();
      },
      (cause: unknown) => {
        withoutSecret();
        setFailure(failureFrom(cause));
      },
    );
  };

  useEffect(() => {
    if (token !== undefined) sign({ token });
    // Once, at the page's start: the token works one time only.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    sign({ key: key.trim() });
  };
  const other = languageStore.get() === 'ko' ? 'en' : 'ko';
  return (
    <main className="sign-in" id="content">
      <img src="/mark.svg" alt="" width="48" height="48" />
      <h1>{words.title}</h1>
      <p className="muted">{words.help}</p>
      <form onSubmit={onSubmit}>
        <label>
          {words.key}
          <input
            type="password"
            autoComplete="current-password"
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
        </label>
        <button type="submit" className="primary" disabled={key.trim() === ''}>
          {words.signIn}
        </button>
      </form>
      {failure !== undefined && <Problem failure={failure} />}
      <button type="button" className="quiet" lang={other} onClick={() => chooseLanguage(other)}>
        {say(frameWords).language}
      </button>
    </main>
  );
}

/** The page stays where it was asked for; only the secret leaves the address. */
function withoutSecret(): void {
  history.replaceState(null, '', `${location.pathname}${location.search}`);
}
