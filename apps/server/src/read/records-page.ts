/**
 * One page of records. One statement per page: one record more than asked for tells whether there is a next page, so
 * nothing is counted. Pages are stretches of the order (time, producer, boot, seq) behind or before a key, so
 * they neither repeat nor skip a record, whatever arrives meanwhile.
 */
import {
  compileSearch,
  decodeRow,
  keyOf,
  PAGE_RECORDS_MAX,
  type Order,
  type Query,
  type Row,
} from '@sillok/query';
import { toEnvelope, type Envelope } from '@sillok/record';
import type { Cost } from '@sillok/api';
import type { FastifyReply } from 'fastify';
import type { Cursor, CursorBinding } from './cursor.js';
import { runSearch, type Range, type Reading } from './reading.js';

export interface PageRequest {
  readonly query: Query;
  readonly binding: CursorBinding;
  readonly limit: number;
  /** Where the page begins; made from the request when it carries none. */
  readonly start: PageStart;
  readonly reply: FastifyReply;
}

export interface PageStart {
  readonly range: Range;
  readonly nowMs: number;
  readonly cursor?: Cursor;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly next: string | null;
  readonly previous: string | null;
  readonly cost: Cost;
}

/**
 * A page ends after some hundred rows. With the engine's read-ahead “last 200 errors” of 5 million records in 66 parts read
 * 1,250,000 rows, without it 410,000 (chdb 26.7); a page that no index shortens is as fast either way.
 */
const IN_ORDER = { read_in_order_use_buffering: '0' } as const;

export async function readPage(reading: Reading, request: PageRequest): Promise<Page> {
  const { query, binding, start } = request;
  const { cursor } = start;
  const isBack = cursor?.isBack === true;
  const left = cursor?.left ?? limitStage(query);
  const limit = isBack ? request.limit : Math.min(request.limit, left ?? request.limit);
  const order: Order = sortedOrder(query) ?? binding.order;
  const fetched = Math.min(limit + 1, PAGE_RECORDS_MAX);
  const statement = compileSearch(query, {
    project: binding.project,
    ...start.range,
    nowNs: BigInt(start.nowMs) * 1_000_000n,
    table: reading.store().table,
    limit: fetched,
    order: isBack ? flip(order) : order,
    ...(cursor === undefined ? {} : { cursor: cursor.key }),
  });
  const settings = IN_ORDER;
  const caller = { project: binding.project, reply: request.reply };
  const result = await runSearch(reading, { ...statement, settings }, caller);
  const shown = result.rows.slice(0, limit).map(decodeRow);
  const rows = isBack ? shown.reverse() : shown;
  const remaining = left === undefined || isBack ? left : left - rows.length;
  const isMore = isBack || (remaining !== 0 && isCut(result.rows.length, limit, fetched));
  const links = { reading, request, remaining };
  return {
    rows,
    next: isMore ? linkFrom(links, rows.at(-1), false) : null,
    previous: linkFrom(links, rows[0], true) ?? linkAgain(links),
    cost: result.statistics,
  };
}

/** The largest page has no room for one record more: there, a full page means that another may follow. */
function isCut(count: number, limit: number, fetched: number): boolean {
  return count > limit || (fetched === limit && count === limit);
}

interface Links {
  readonly reading: Reading;
  readonly request: PageRequest;
  readonly remaining: number | undefined;
}

function linkFrom(
  { reading, request, remaining }: Links,
  row: Row | undefined,
  isBack: boolean,
): string | null {
  if (row === undefined) return null;
  const { range, nowMs } = request.start;
  const left = remaining === undefined ? {} : { left: remaining };
  return reading.cursors.encode({ key: keyOf(row), isBack, range, nowMs, ...left }, request.binding);
}

/** An empty page before the first: the same place can be asked again for what arrives later. */
function linkAgain({ reading, request }: Links): string | null {
  const { cursor } = request.start;
  return cursor === undefined ? null : reading.cursors.encode({ ...cursor, isBack: true }, request.binding);
}

function limitStage(query: Query): number | undefined {
  const limits = query.stages.flatMap((stage) => (stage.type === 'limit' ? [stage.rows] : []));
  return limits.length === 0 ? undefined : Math.min(...limits);
}

/** `| sort time` in the search itself. */
function sortedOrder(query: Query): Order | undefined {
  const sort = query.stages.findLast((stage) => stage.type === 'sort');
  const key = sort?.type === 'sort' ? sort.keys[0] : undefined;
  if (key === undefined) return undefined;
  return key.descending ? 'desc' : 'asc';
}

function flip(order: Order): Order {
  return order === 'asc' ? 'desc' : 'asc';
}

export function envelopeOf(row: Row): Envelope {
  return toEnvelope(row.record, row.context);
}
