/**
 * What waits for a second pair of eyes: an action or a script that somebody asked for and another person has to approve. Told as soon
 * as its audit record arrives, with the way to the page where it is decided, and over when it is approved, turned down or taken back.
 */
import { type FlatRecord } from '@sillok/record';
import { writeValue } from '@sillok/query';

import { textOf } from '../analysis/compare/fingerprint.js';

export const APPROVAL_RULE = 'builtin.approval';

export interface Waiting {
  /** Id of the request, or of the script's run. */
  readonly id: string;
  readonly isDecided: boolean;
  readonly actor: string;
  /** Names and no sentence: it is read in every language. */
  readonly title: string;
  /** The search that shows its records. */
  readonly q: string;
  /** Where it is decided, in the console. */
  readonly place: string;
}

/** What a record says of a request; undefined when it says nothing of the kind. */
export function waitingOf(record: FlatRecord): Waiting | undefined {
  if (record.kind !== 'audit' || textOf(record, 'audit.outcome') !== 'committed') return undefined;
  const action = textOf(record, 'audit.action');
  const request = textOf(record, 'audit.arguments.four_eyes.request');
  const run = action.startsWith('script.apply') ? textOf(record, 'audit.arguments.run') : '';
  const id = request === '' ? run : request;
  if (id === '') return undefined;
  const actor = textOf(record, 'audit.actor.id');
  const who = textOf(record, 'audit.actor.name') || actor;
  const thing = `${textOf(record, 'audit.entity.type')} ${textOf(record, 'audit.entity.id')}`;
  const field = request === '' ? 'audit.arguments.run' : 'audit.arguments.four_eyes.request';
  return {
    ...{ id, actor, isDecided: !action.endsWith('.requested') },
    title: `${thing} · ${action.replace(/\.requested$/, '')} · ${who}`,
    q: `kind:audit ${field}:${writeValue(id)}`,
    place: placeOf(textOf(record, 'audit.via.service'), run),
  };
}

function placeOf(service: string, run: string): string {
  if (run === '') return '/admin';
  return service === '' ? '/scripts' : `/scripts/${encodeURIComponent(service)}/${encodeURIComponent(run)}`;
}
