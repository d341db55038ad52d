/**
 * What is told of an alert: one content, from which Slack text and mail are made. Texts of records are hostile until they are
 * escaped for the place where they are shown: that happens in `slack.ts` and `mail.ts`, not here.
 */
import type { AlertKind } from '@sillok/api';

import { firstLine } from '../analysis/compare/fingerprint.js';
import { TITLE_CHARS_MAX } from './limits.js';
import type { Alert } from './book.js';
import { titleIn } from './titles.js';
import { lengthText, messageWords, type Language, type MessageWords } from './words.js';

export interface Message {
  /** `New · dependency fails`. Ours. */
  readonly headline: string;
  /** The first line of a record. Not ours. */
  readonly title: string;
  /** Facts; may name services and releases, which are not ours. */
  readonly facts: readonly string[];
  /** Each fact on a line of its own. */
  readonly isList?: boolean;
  readonly link: string;
  readonly linkText: string;
  readonly mark: string;
}

export interface MessageContext {
  readonly language: Language;
  readonly baseUrl: string;
  readonly ruleName: string;
  readonly nameOf: (actor: string) => string;
  /** How many other alerts are part of this one, and not told. */
  readonly parts: number;
}

/** Of a state there is nothing to count. */
const UNCOUNTED: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'silent',
  'lag',
  'gaps',
  'absence',
  'replay',
  'cannot_evaluate',
  'approval',
]);

const MARKS = { critical: '🔴', warning: '🟠', resolved: '✅' } as const;

export function messageOf(alert: Alert, context: MessageContext): Message {
  const words = messageWords(context.language);
  const isBack = alert.cameBack && alert.state === 'open';
  const state = isBack ? words.state.came_back : words.state[alert.state];
  const number = new Intl.NumberFormat(context.language);
  const hasPeople = alert.people.size > 0;
  const { unnoticedMs, lastedMs } = lengths(alert);
  const by = alert.acknowledgedBy;
  const facts = [
    UNCOUNTED.has(alert.kind) || alert.database !== undefined ? '' : words.count(number.format(alert.count)),
    hasPeople ? words.people(number.format(alert.people.size), alert.peopleAtLeast) : '',
    alert.services.length > 0 ? `${words.services} ${alert.services.join(', ')}` : '',
    alert.releases.length > 0 ? `${words.release} ${alert.releases.join(', ')}` : '',
    context.parts > 0 ? words.parts(number.format(context.parts)) : '',
    `${words.since} ${alert.firstTime.slice(0, 19)}Z`,
    by === undefined ? '' : words.acknowledged(context.nameOf(by)),
    alert.state === 'resolved' && unnoticedMs !== null ? words.unnoticed(lengthText(unnoticedMs, words)) : '',
    alert.state === 'resolved' ? words.lasted(lengthText(lastedMs, words)) : '',
  ];
  return {
    headline: `${state} · ${words.kind[alert.kind]} · ${context.ruleName}`,
    title: visible(firstLine(titleIn(context.language, alert))),
    facts: facts.filter(Boolean).map(visible),
    link: linkOf(alert, context.baseUrl),
    linkText: linkTextOf(alert, words),
    mark: alert.state === 'resolved' ? MARKS.resolved : MARKS[alert.severity],
  };
}

/** From the first record to when somebody could know, and to the last record. */
export function lengths(alert: Alert): { unnoticedMs: number | null; lastedMs: number } {
  const startMs = Math.min(Date.parse(alert.firstTime), alert.openedMs);
  const { noticedMs } = alert;
  return {
    unnoticedMs: noticedMs === undefined ? null : Math.max(0, noticedMs - startMs),
    lastedMs: Math.max(0, Math.max(Date.parse(alert.lastTime), alert.lastMs) - startMs),
  };
}

/** A minute on either side: what led to it is often a line before. */
export function rangeOf(alert: Alert): { from: string; to: string } {
  const MARGIN_S = 60;
  const first = Math.min(Date.parse(alert.firstTime), alert.openedMs);
  const last = Math.max(Date.parse(alert.lastTime), alert.lastMs);
  return {
    from: new Date(first - MARGIN_S * 1000).toISOString(),
    to: new Date(last + MARGIN_S * 1000).toISOString(),
  };
}

function linkTextOf({ place, database }: Alert, words: MessageWords): string {
  if (place !== undefined) return words.openPlace;
  return database === undefined ? words.open : words.openAlert;
}

export function linkOf(alert: Alert, baseUrl: string): string {
  if (alert.place !== undefined)
    return `${baseUrl}${alert.place}?${new URLSearchParams({ project: alert.project })}`;
  // A statement is no search, and may hold values that a chat should not keep.
  if (alert.database !== undefined)
    return `${baseUrl}/alerts/${alert.id}?${new URLSearchParams({ project: alert.project })}`;
  const { from, to } = rangeOf(alert);
  const parameters = new URLSearchParams({ q: alert.q, from, to, project: alert.project, alert: alert.id });
  return `${baseUrl}/search?${parameters}`;
}

// Control characters, and the marks that turn the direction of text around.
// oxlint-disable-next-line no-control-regex
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export function visible(text: string): string {
  const clean = text.replace(INVISIBLE, '·');
  return clean.length > TITLE_CHARS_MAX ? `${clean.slice(0, TITLE_CHARS_MAX)}…` : clean;
}
