/** One card: its number now and before, with the calls and the people behind it. */
import type { CardAnswer, Cost, ReportCard, ReportWindow } from '@sillok/api';
import { compileStats, type Query } from '@sillok/query';
import { parseTime } from '@sillok/record';

import { numberOf } from '../database/kept.js';
import type { DatabaseRoom } from '../database/room.js';
import { runSearch, searchOf, type Reading } from '../read/reading.js';
import { sumCost } from '../read/trust.js';
import { CARD_TIME_MS_MAX } from './limits.js';
import { comparable, isAdditive, lengthMs, ratioOf, type Windows } from './windows.js';

export interface CardRun {
  readonly project: string;
  readonly card: ReportCard;
  readonly windows: Windows;
  /** Conditions of the chosen variables. */
  readonly filters: readonly Query['filter'][];
  readonly databases: DatabaseRoom;
}

interface Found {
  readonly value: number | null;
  readonly calls: number;
  readonly people: number;
  readonly cost: Cost;
}

export async function runCard(reading: Reading, run: CardRun): Promise<{ answer: CardAnswer; cost: Cost }> {
  const { card, windows } = run;
  const [now, before] = await Promise.all([
    measure(reading, run, windows.now),
    measure(reading, run, windows.before),
  ]);
  const people =
    card.measure === 'people' && card.database === '' ? await usualPeople(reading, run) : undefined;
  const inLength =
    before.value === null || !isAdditive(card.measure) ? before.value : comparable(before.value, windows);
  const before_comparable = people === undefined ? inLength : people.value;
  const answer: CardAnswer = {
    title: card.title,
    measure: card.measure,
    unit: card.unit,
    better: card.better,
    now: now.value,
    before: before.value,
    before_comparable,
    ratio: ratioOf(now.value, before_comparable),
    calls: now.calls,
    people: now.people,
  };
  return { answer, cost: sumCost([now.cost, before.cost, ...(people === undefined ? [] : [people.cost])]) };
}

const AGGREGATES: Readonly<Record<ReportCard['measure'], (field: string) => string>> = {
  calls: () => 'count()',
  people: () => 'count_distinct(user_hash)',
  error_rate: () => 'count()',
  p50: (field) => `p50(${field})`,
  p95: (field) => `p95(${field})`,
  sum: (field) => `sum(${field})`,
  avg: (field) => `avg(${field})`,
};

async function measure(reading: Reading, run: CardRun, window: ReportWindow): Promise<Found> {
  const { card, project, databases } = run;
  if (card.database !== '') {
    const found = await numberOf(databases, project, { ...card, window });
    const cost = { rows_read: 0, bytes_read: 0, elapsed_ms: found.elapsed_ms };
    return { value: found.value, calls: 0, people: 0, cost };
  }
  const stats = `stats ${AGGREGATES[card.measure](card.field)} as value, count() as calls, count_distinct(user_hash) as people`;
  const { rows, statistics } = await ask(reading, run, { window, stats });
  const [value, calls, people] = rows[0] ?? [];
  const found = { calls: Number(calls ?? 0), people: Number(people ?? 0) };
  if (card.measure !== 'error_rate') {
    const number = value === null || value === undefined ? null : Number(value);
    return { ...found, value: number !== null && Number.isFinite(number) ? number : null, cost: statistics };
  }
  const failed = await ask(reading, run, {
    window,
    stats: 'stats count() as n',
    only: 'level:(error OR fatal)',
  });
  const errors = Number(failed.rows[0]?.[0] ?? 0);
  const rate = found.calls === 0 ? null : errors / found.calls;
  return { ...found, value: rate, cost: sumCost([statistics, failed.statistics]) };
}

/**
 * Somebody who comes every week is one person in a week and one in five, so people are not divided by the length: the window
 * before is cut into windows of the length of the one now, and their average is what now is compared with.
 */
async function usualPeople(reading: Reading, run: CardRun): Promise<{ value: number | null; cost: Cost }> {
  const { windows } = run;
  const pieceMs = lengthMs(windows.now);
  const pieces = Math.max(1, Math.floor(lengthMs(windows.before) / pieceMs));
  const endMs = Date.parse(windows.before.to);
  const found = await Promise.all(
    Array.from({ length: Math.min(pieces, PIECES_MOST) }, (_, index) => {
      const toMs = endMs - index * pieceMs;
      const fromMs = Math.max(Date.parse(windows.before.from), toMs - pieceMs);
      const window = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
      return ask(reading, run, { window, stats: 'stats count_distinct(user_hash) as people' });
    }),
  );
  const sum = found.reduce((total, { rows }) => total + Number(rows[0]?.[0] ?? 0), 0);
  return {
    value: found.length === 0 ? null : sum / found.length,
    cost: sumCost(found.map(({ statistics }) => statistics)),
  };
}

/** Pieces that are looked at: a year of weeks. */
const PIECES_MOST = 52;

interface Asked {
  readonly window: ReportWindow;
  readonly stats: string;
  readonly only?: string;
}

function ask(reading: Reading, { project, card, filters }: CardRun, { window, stats, only }: Asked) {
  const counted = searchOf(`| ${stats}`);
  const more = only === undefined ? [] : [searchOf(only).filter];
  const filter = { type: 'and', items: [searchOf(card.q).filter, ...filters, ...more] } as const;
  const statement = compileStats(
    { ...counted, filter },
    {
      project,
      from: parseTime(window.from) ?? window.from,
      to: parseTime(window.to) ?? window.to,
      table: reading.store().table,
    },
  );
  if (statement === undefined) throw new Error('a card always counts');
  const { sql, params } = statement;
  return runSearch(reading, { sql, params, limits: { timeoutMs: CARD_TIME_MS_MAX } }, { project });
}
