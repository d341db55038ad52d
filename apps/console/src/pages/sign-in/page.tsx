/**
 * Signs in: by the link that the server printed (its secret is in the fragment, which no server log sees), by an
 * invitation, with e-mail and password, with the identity provider of the house, or with a key.
 */
import { useCallback, useEffect, useRef, useState, type FormEvent, type ReactElement } from 'react';
import type { SignInBody } from '@sillok/api';
import { failureFrom, type Failure } from '../../api/http.js';
import { signInWith, waysIn } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { chooseLanguage, languageStore, say } from '../../words/dictionary.js';
import { frameWords } from '../../words/frame.js';
import { signInWords } from '../../words/sign-in.js';
import { Problem } from '../../ui/states.js';
import { Invitation } from './invitation.js';
import { keepPlace } from './way-back.js';

interface Props {
  /** The secret of a sign-in link or an invitation, if the address had one. */
  readonly token: string | undefined;
  readonly onSignedIn: () => void;
}

export function Page({ token, onSignedIn }: Props): ReactElement {
  const [isInvited] = useState(() => location.hash.startsWith('#invitation='));
  const [failure, setFailure] = useState<Failure>();
  const words = say(signInWords);

  const sign = useCallback(
    (body: SignInBody): void => {
      setFailure(undefined);
      signInWith(body).then(
        () => {
          withoutSecret();
          onSignedIn();
        },
        (cause: unknown) => {
          if (!isInvited) withoutSecret();
          setFailure(failureFrom(cause));
        },
      );
    },
    [isInvited, onSignedIn],
  );

  // A token works one time only: one that was sent is not sent again, however often this page is drawn.
  const sent = useRef<string>(undefined);
  useEffect(() => {
    if (token === undefined || isInvited || sent.current === token) return;
    sent.current = token;
    sign({ token });
  }, [token, isInvited, sign]);

  const other = languageStore.get() === 'ko' ? 'en' : 'ko';
  return (
    <main className="sign-in" id="content">
      <img src="/mark.svg" alt="" width="48" height="48" />
      <h1>{words.title}</h1>
      {isInvited && token !== undefined ? (
        <Invitation secret={token} onSign={sign} />
      ) : (
        <>
          <p className="muted">{words.help}</p>
          <Person onSign={sign} />
          <Key onSign={sign} />
        </>
      )}
      {failure !== undefined && <Problem failure={failure} />}
      <button type="button" className="quiet" lang={other} onClick={() => chooseLanguage(other)}>
        {say(frameWords).language}
      </button>
    </main>
  );
}

type OnSign = (body: SignInBody) => void;

function Person({ onSign }: { onSign: OnSign }): ReactElement {
  const words = say(signInWords);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const { answer } = useCall('ways', (signal) => waysIn(signal));
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSign({ email, password });
  };
  return (
    <form onSubmit={onSubmit}>
      <label>
        {words.email}
        <input
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </label>
      <label>
        {words.password}
        <input
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <button type="submit" className="primary" disabled={email === '' || password === ''}>
        {words.goOn}
      </button>
      {answer !== undefined && answer.oidc !== null && (
        <a className="button" href="/api/sign-in/oidc" onClick={keepPlace}>
          {words.with(answer.oidc.name)}
        </a>
      )}
      {answer !== undefined && answer.saml !== null && (
        <a className="button" href="/api/sign-in/saml" onClick={keepPlace}>
          {words.with(answer.saml.name)}
        </a>
      )}
    </form>
  );
}

function Key({ onSign }: { onSign: OnSign }): ReactElement {
  const words = say(signInWords);
  const [key, setKey] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onSign({ key: key.trim() });
  };
  return (
    <form onSubmit={onSubmit}>
      <label>
        {words.key}
        <input
          type="password"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </label>
      <button type="submit" disabled={key.trim() === ''}>
        {words.signIn}
      </button>
    </form>
  );
}

/** The page stays where it was asked for; only the secret leaves the address. */
function withoutSecret(): void {
  history.replaceState(null, '', `${location.pathname}${location.search}`);
}
