/** What set a change off, as a sentence with the way to it: a click in a page, one of us in this console, a script's run, or nobody. */
import type { AuditCause, AuditChange } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../../text.js';
import { Link } from '../../ui/address.js';
import { Icon, type IconName } from '../../ui/icon.js';
import { say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';

interface Told {
  readonly icon: IconName;
  readonly text: string;
  /** Where one can see for oneself. */
  readonly to?: string | undefined;
}

export function Cause({ change }: { change: AuditChange }): ReactElement | null {
  const { cause } = change;
  if (cause === undefined) return null;
  const { icon, text, to } = told(cause, change);
  return (
    <p className="change-cause">
      <Icon name={icon} /> {to === undefined ? text : <Link to={to}>{text}</Link>}
    </p>
  );
}

function told(cause: AuditCause, change: AuditChange): Told {
  const words = say(historyWords);
  switch (cause.type) {
    case 'click':
      return { icon: 'find', text: words.clicked(shown(cause.text), shown(cause.page)) };
    case 'request':
      return { icon: 'find', text: words.requested(shown(cause.text), shown(cause.service)) };
    case 'admin':
      return { icon: 'people', ...byOneOfUs(cause, change) };
    case 'script':
      return { icon: 'play', ...byScript(cause) };
    case 'none':
      return { icon: 'minus', text: words.noAction };
  }
}

type Of<Type> = Extract<AuditCause, { type: Type }>;

function byOneOfUs(
  { door, service = '' }: Of<'admin'>,
  { actor, action, entity }: AuditChange,
): Omit<Told, 'icon'> {
  const words = say(historyWords);
  const who = shown(actor.name ?? actor.id);
  const isScript = entity.type === 'script' && action.startsWith('script.');
  const place = isScript ? words.placeScripts : service === '' ? words.placeSettings : words.placeBusiness;
  const text = door === 'console' ? words.byConsole(who, place) : words.byApi(who, place);
  if (service === '') return { text };
  return { text, to: isScript ? '/scripts' : pathOf('admin', service, entity.type, entity.id) };
}

function byScript({ script, run, by, service }: Of<'script'>): Omit<Told, 'icon'> {
  const words = say(historyWords);
  const text = by === undefined ? words.byScript(shown(script)) : words.byScriptOf(shown(script), shown(by));
  return { text, to: service === undefined ? undefined : pathOf('scripts', service, run) };
}

function pathOf(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`;
}
