/** Accepting an invitation or setting a new password: a name for somebody new, and a password. */
import { useState, type FormEvent, type ReactElement } from 'react';
import type { SignInBody } from '@sillok/api';
import { PASSWORD_CHARS_MIN } from '../../limits.js';
import { say } from '../../words/dictionary.js';
import { signInWords } from '../../words/sign-in.js';

export function Invitation(props: { secret: string; onSign: (body: SignInBody) => void }): ReactElement {
  const words = say(signInWords);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    const named = name.trim() === '' ? {} : { name: name.trim() };
    props.onSign({ invitation: props.secret, ...named, password });
  };
  return (
    <form onSubmit={onSubmit}>
      <p className="muted">{words.invited}</p>
      <label>
        {words.name}
        <input autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label>
        {words.password}
        <input
          type="password"
          autoComplete="new-password"
          minLength={PASSWORD_CHARS_MIN}
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </label>
      <button type="submit" className="primary">
        {words.join}
      </button>
    </form>
  );
}
