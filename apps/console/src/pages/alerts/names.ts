/** Kinds, states and events of alerts in the reader's language. */
import type { AlertKind, AlertShape } from '@sillok/api';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { alertWords } from '../../words/alerts.js';

export function kindName(kind: AlertKind): string {
  const words = say(alertWords);
  const names: Readonly<Record<AlertKind, string>> = {
    new_error: words.nameNewError,
    dependency: words.nameDependency,
    silent: words.nameSilent,
    lag: words.nameLag,
    gaps: words.nameGaps,
    bulk_deletion: words.nameBulkDeletion,
    replay: words.nameReplay,
    approval: words.nameApproval,
    script_still: words.nameScriptStill,
    flood: words.nameFlood,
    cannot_evaluate: words.nameCannot,
    threshold: words.nameThreshold,
    absence: words.nameAbsence,
    error_rate: words.nameErrorRate,
    new_pattern: words.nameNewPattern,
  };
  return names[kind];
}

/** A rule of one's own is known by its name; those that are built in by what they look for. */
export function ruleName({ kind, rule, rule_name: name }: AlertShape): string {
  return rule.startsWith('builtin.') ? kindName(kind) : shown(name);
}

export function stateName({ state, came_back: cameBack }: Pick<AlertShape, 'state' | 'came_back'>): string {
  const words = say(alertWords);
  if (state === 'resolved') return words.stateResolved;
  if (state === 'acknowledged') return words.stateAcknowledged;
  return cameBack ? words.cameBack : words.stateOpen;
}

export function eventName(what: string): string {
  const words = say(alertWords);
  if (what.startsWith('told_')) return words.eventTold;
  const names: Readonly<Record<string, string>> = {
    opened: words.eventOpened,
    came_back: words.eventCameBack,
    acknowledged: words.eventAcknowledged,
    resolved: words.eventResolved,
    muted: words.eventMuted,
    unmuted: words.eventUnmuted,
  };
  return names[what] ?? what;
}

export function deliveryName(state: AlertShape['deliveries'][number]['state']): string {
  const words = say(alertWords);
  if (state === 'sent') return words.deliverySent;
  if (state === 'waiting') return words.deliveryWaiting;
  return state === 'failing' ? words.deliveryFailing : words.deliveryGivenUp;
}
