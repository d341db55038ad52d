/** Signs in by the link that the server printed (its secret is in the fragment, which no server log sees) or a key. */
import { useEffect, useState, type FormEvent, type ReactElement } from 'react';
import { api, ApiFailure } from './api.js';
import type { Words } from './words.js';

export function SignIn({ words, onSignedIn }: { words: Words; onSignedIn: () => void }): ReactElement {
  const [key, setKey] = useState('');
  const [failure, setFailure] = useState<string>();

  const sign = (secret: { token: string } | { key: string }): void => {
    api.signIn(secret).then(
      () => {
        history.replaceState(null, '', '/');
        onSignedIn();
      },
      (cause: unknown) => {
        history.replaceState(null, '', '/');
        setFailure(
          cause instanceof ApiFailure ? `${cause.failure.message} ${cause.failure.help}` : String(cause),
        );
      },
    );
  };

  useEffect(() => {
    const token = /^#sign-in=(.+)$/.exec(location.hash)?.[1];
    if (token !== undefined) sign({ token });
    // Once, at the page's start: the token works one time only.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    sign({ key: key.trim() });
  };

  return (
    <main className="sign-in">
      <img src="/mark.svg" alt="" width="48" height="48" />
      <h1>{words.signInTitle}</h1>
      <p>{words.signInHelp}</p>
      <form onSubmit={onSubmit}>
        <label>
          {words.key}
          <input
            type="password"
            autoComplete="current-password"
            value={key}
            onChange={(e) => setKey(e.target.value)}
          />
        </label>
        <button type="submit" disabled={key.trim() === ''}>
          {words.signIn}
        </button>
      </form>
      {failure !== undefined && <p role="alert">{failure}</p>}
    </main>
  );
}
