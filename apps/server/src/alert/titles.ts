/**
 * What an alert says in words of ours, kept as a code and its values, so that everybody reads it in their language: the message in that
 * of its target, the console in that of its reader. Titles that are the text of a record have none: nobody translates those.
 */
import type { Sentence } from '@sillok/api';

import { TITLE_CHARS_MAX } from './limits.js';
import type { Language } from './words.js';

type Tell = (values: readonly string[]) => string;
type Words = readonly [en: Tell, ko: Tell];

const TITLES = {
  silent: [
    ([service, minutes, last]) => `${service}: nothing for ${minutes} min, last heard ${last}`,
    ([service, minutes, last]) => `${service}: ${minutes}분 동안 기록 없음, 마지막은 ${last}`,
  ],
  lag: [
    ([service, minutes]) => `${service}: its records arrive ${minutes} min late`,
    ([service, minutes]) => `${service}: 기록이 ${minutes}분 늦게 도착함`,
  ],
  gaps: [
    ([producer, from, to, boot]) => `${producer}: records ${from} to ${to} never arrived (boot ${boot})`,
    ([producer, from, to, boot]) =>
      `${producer}: 기록 ${from}번부터 ${to}번까지 도착하지 않음 (boot ${boot})`,
  ],
  bulk_deletion: [
    ([actor, action]) => `${actor} deletes a lot: ${action}`,
    ([actor, action]) => `${actor} 대량 삭제: ${action}`,
  ],
  count: [
    ([count, sign, value, seconds]) => `${count} ${sign} ${value} in ${seconds} s`,
    ([count, sign, value, seconds]) => `${seconds}초 동안 ${count} ${sign} ${value}`,
  ],
  rate: [
    ([now, before]) => `${now} errors, before ${before}`,
    ([now, before]) => `오류 ${now}, 전에는 ${before}`,
  ],
  number: [
    ([number, sign, value, database]) => `${number} ${sign} ${value} in the database ${database}`,
    ([number, sign, value, database]) => `데이터베이스 ${database}에서 ${number} ${sign} ${value}`,
  ],
  replay_silent: [
    ([seconds, last]) => `nothing heard for ${short(seconds, ' s', ' min')}, last ${last}`,
    ([seconds, last]) => `${short(seconds, '초', '분')} 동안 소식 없음, 마지막은 ${last}`,
  ],
  replay_failing: [
    ([since]) => `it cannot do its work since ${since}`,
    ([since]) => `${since}부터 일을 하지 못함`,
  ],
  replay_behind: [
    ([seconds]) => `it is ${short(seconds, ' s', ' min')} behind`,
    ([seconds]) => `${short(seconds, '초', '분')} 뒤처져 있음`,
  ],
  script_silent: [
    ([script, minutes, last]) =>
      `${script}: no sign of life for ${minutes} min, last heard ${last}; was it killed?`,
    ([script, minutes, last]) => `${script}: ${minutes}분 동안 소식 없음, 마지막은 ${last}. 강제 종료됐나요?`,
  ],
  cannot_evaluate: [
    ([rule, reason]) => `“${rule}” cannot be evaluated: ${reason}`,
    ([rule, reason]) => `“${rule}” 규칙을 평가할 수 없음: ${reason}`,
  ],
} as const satisfies Readonly<Record<string, Words>>;

/** Why a rule cannot be evaluated. */
const REASONS = {
  search_behind: [
    ([seconds]) => `search is ${seconds} s behind`,
    ([seconds]) => `검색이 ${seconds}초 뒤처져 있음`,
  ],
  search_unreadable: [
    ([message]) => `its search cannot be read: ${message}`,
    ([message]) => `검색식을 읽을 수 없음: ${message}`,
  ],
  search_pipes: [() => 'its search has pipes', () => '검색식에 파이프가 있음'],
  replica_behind: [
    ([database, seconds]) => `the replica "${database}" is ${seconds} s behind`,
    ([database, seconds]) => `복제본 "${database}"이 ${seconds}초 뒤처져 있음`,
  ],
  column_missing: [
    ([column]) => `its answer has no column "${column}"`,
    ([column]) => `답에 "${column}" 열이 없음`,
  ],
  number_missing: [() => 'its answer has no column with a number', () => '답에 숫자 열이 없음'],
  no_row: [() => 'its answer has no row; one number is needed', () => '답에 행이 없음. 숫자 하나가 필요함'],
  several_rows: [
    () => 'its answer has several rows; one number is needed',
    () => '답에 행이 여럿임. 숫자 하나가 필요함',
  ],
  column_null: [
    ([column]) => `the column "${column}" is NULL; coalesce(…, 0) says what NULL means`,
    ([column]) => `"${column}" 열이 NULL임. coalesce(…, 0)로 NULL의 뜻을 정하세요`,
  ],
  column_no_number: [
    ([column]) => `the column "${column}" is no number; coalesce(…, 0) says what NULL means`,
    ([column]) => `"${column}" 열이 숫자가 아님. coalesce(…, 0)로 NULL의 뜻을 정하세요`,
  ],
} as const satisfies Readonly<Record<string, Words>>;

export type TitleCode = keyof typeof TITLES;
export type ReasonCode = keyof typeof REASONS;

export interface Says {
  readonly code: TitleCode;
  readonly values: readonly string[];
  /** The reason among the values, where it is a sentence of ours, too: it takes the last place. */
  readonly reason?: { readonly code: ReasonCode; readonly values: readonly string[] };
  /** The value of `by` that this is about, before the sentence; and the first line of a record, behind it. Neither is ours. */
  readonly about?: string;
  readonly line?: string;
}

export function titleIn(language: Language, { title, says }: { title: string; says?: Says }): string {
  if (says === undefined) return title;
  const { code, values, reason, about = '', line = '' } = says;
  const all = reason === undefined ? values : [...values, reasonIn(language, reason)];
  const sentence = wordsIn(language, TITLES[code])(all);
  return `${about === '' ? '' : `${about}: `}${sentence}${line === '' ? '' : ` — ${line}`}`;
}

/** The two parts of a signal: its title, which is English, and what it is made from. */
export function ours(told: Says): { readonly title: string; readonly says: Says } {
  // Names and lines that others wrote are as long as they like.
  const cut = (text: string): string => text.slice(0, TITLE_CHARS_MAX);
  const says = {
    ...told,
    values: told.values.map(cut),
    ...(told.about !== undefined && { about: cut(told.about) }),
    ...(told.line !== undefined && { line: cut(told.line) }),
  };
  return { title: titleIn('en', { title: '', says }), says };
}

export function reasonIn(language: Language, { code, values }: NonNullable<Says['reason']>): string {
  return wordsIn(language, REASONS[code])(values);
}

/** In both languages, for readers of whom nobody knows which one is theirs. */
export function bothLanguages(tell: (language: Language) => string): Sentence {
  return { ko: tell('ko'), en: tell('en') };
}

/** Below two minutes in seconds: there they matter. */
function short(seconds: string | undefined, s: string, min: string): string {
  return Number(seconds) < 120 ? `${seconds}${s}` : `${Math.round(Number(seconds) / 60)}${min}`;
}

function wordsIn(language: Language, [en, ko]: Words): Tell {
  return language === 'ko' ? ko : en;
}
