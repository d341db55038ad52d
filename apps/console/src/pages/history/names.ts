/** Who did something, in a word that says what they are to us and their name. */
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';

interface Actor {
  readonly type: string;
  readonly id: string;
  readonly name?: string;
  /** Who wrote the entry down. */
  readonly service?: string | undefined;
}

export function actorText({ type, id, name, service }: Actor): string {
  const words = say(historyWords);
  const names: Readonly<Record<string, string>> = {
    user: words.actor_user,
    admin: words.actor_admin,
    script: words.actor_script,
    system: words.actor_system,
  };
  return `${ownKind({ type, id, service }) ?? names[type] ?? shown(type)} ${shown(name ?? id)}`;
}

/** In Sillok itself nobody is a customer: people are signed in (`user:<id>`), all others have a key. */
function ownKind({ type, id, service }: Actor): string | undefined {
  const words = say(historyWords);
  if (type === 'user' && id.startsWith('user:')) return words.actor_admin;
  return service === 'sillok' && type === 'system' && id !== 'server' ? words.actor_key : undefined;
}
