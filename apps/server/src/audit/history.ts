/**
 * Pages of the audit trail: changes, newest first, made of the records of a search.
 *
 * An intent and its outcome are two records and may stand on two pages, or on both sides of the range. So an intent without an
 * end is looked up once more by its id: a change that was on an earlier page is not shown again, and nothing that has ended
 * is shown as open.
 */
import type { AuditChange } from '@sillok/api';
import { compileSearch, decodeRow, keyOf, writeValue, type Row } from '@sillok/query';
import type { Cost } from '@sillok/api';
import type { FastifyReply } from 'fastify';

import { AUDIT_JOIN_RECORDS_MAX } from '../limits.js';
import { envelopeOf, readPage, type PageStart } from '../read/records-page.js';
import { runSearch, searchOf, type Range, type Reading } from '../read/reading.js';
import { changesOf } from './changes.js';

/** An intent and an outcome are two records; some changes have more of them (unknown, then settled). */
const RECORDS_PER_CHANGE = 2;

export interface HistoryAsked {
  readonly project: string;
  /** A search of the language, `historySearch`. */
  readonly q: string;
  readonly range: Range;
  /** The range as the caller wrote it, which goes with the cursor: `-7d` means the same on every page. */
  readonly written: { readonly from?: string | undefined; readonly to?: string | undefined };
  readonly nowMs: number;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly reply: FastifyReply;
}

export interface HistoryPage {
  readonly changes: readonly AuditChange[];
  readonly next: string | null;
  readonly costs: readonly Cost[];
}

export async function readHistory(reading: Reading, asked: HistoryAsked): Promise<HistoryPage> {
  const { project, q, written, limit, reply } = asked;
  const binding = { project, q, order: 'desc' as const, from: written.from, to: written.to };
  const cursor = asked.cursor === undefined ? undefined : reading.cursors.decode(asked.cursor, binding);
  const { range, nowMs } = cursor ?? asked;
  const start: PageStart = { range, nowMs, ...(cursor === undefined ? {} : { cursor }) };
  const request = { query: searchOf(q), binding, limit: limit * RECORDS_PER_CHANGE, start, reply };
  const page = await readPage(reading, request);
  const taken = rowsOfChanges(page.rows, limit);
  const last = taken.at(-1);
  const isCut = taken.length < page.rows.length && last !== undefined;
  const next = isCut
    ? reading.cursors.encode({ key: keyOf(last), isBack: false, range, nowMs }, binding)
    : page.next;
  const found = changesOf(taken.map(envelopeOf));
  const settled = await settledOf(reading, asked, found);
  const changes = found.flatMap((change) => {
    const whole = settled.changes.get(change.id) ?? change;
    const isShownBefore = cursor !== undefined && whole.time > change.time && isWithin(whole.time, range);
    return isShownBefore ? [] : [whole];
  });
  return { changes, next, costs: [page.cost, ...settled.costs] };
}

/** All changes of a search, page after page. */
export async function* allHistory(
  reading: Reading,
  asked: HistoryAsked,
): AsyncGenerator<readonly AuditChange[]> {
  let cursor: string | null | undefined = asked.cursor;
  do {
    const page: HistoryPage = await readHistory(reading, { ...asked, cursor });
    yield page.changes;
    cursor = page.next;
  } while (cursor !== null);
}

function isWithin(time: string, { to }: Range): boolean {
  return to === undefined || time < to;
}

/** The first rows that belong to no more than `limit` changes. */
function rowsOfChanges(rows: readonly Row[], limit: number): readonly Row[] {
  const ids = new Set<string>();
  const end = rows.findIndex(({ record, context }) => {
    const id = record.attributes?.['audit.id'];
    ids.add(typeof id === 'string' ? id : `${context.producer}/${context.boot}/${record.seq}`);
    return ids.size > limit;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

interface SettledChanges {
  readonly changes: ReadonlyMap<string, AuditChange>;
  readonly costs: readonly Cost[];
}

async function settledOf(
  reading: Reading,
  { project, reply }: HistoryAsked,
  found: readonly AuditChange[],
): Promise<SettledChanges> {
  const open = found.filter(({ outcome }) => outcome === 'intent' || outcome === 'unknown');
  if (open.length === 0) return { changes: new Map(), costs: [] };
  const ids = open.map(({ id }) => writeValue(id)).join(' or ');
  const statement = compileSearch(searchOf(`kind:audit audit.id:(${ids})`), {
    project,
    table: reading.store().table,
    limit: AUDIT_JOIN_RECORDS_MAX,
    order: 'desc',
  });
  const { rows, statistics } = await runSearch(reading, statement, { project, reply });
  const changes = changesOf(rows.map((row) => envelopeOf(decodeRow(row))));
  return { changes: new Map(changes.map((change) => [change.id, change])), costs: [statistics] };
}
