/**
 * Answers as JSON or, with `Accept: application/x-ndjson`, as lines: one record or one row each and nothing else, so
 * that `jq` and `grep` can read them. What belongs to the answer as a whole then stands in headers.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Page } from './records-page.js';
import { envelopeOf } from './records-page.js';
import type { Table } from './table-page.js';
import type { Trust } from './trust.js';

export interface Sending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

const NDJSON = 'application/x-ndjson';

export function wantsLines(request: FastifyRequest): boolean {
  return (request.headers.accept ?? '').includes(NDJSON);
}

export function sendPage({ request, reply }: Sending, page: Page & Trust): FastifyReply {
  const { rows, next, previous, freshness, gaps, cost, ...more } = page;
  const records = rows.map(envelopeOf);
  if (!wantsLines(request)) {
    // Built here and not by a serializer: the text is made once, without a schema walk per record.
    return sendJson(reply, { records, next, previous, freshness, gaps, cost, ...more });
  }
  headers(reply, { freshness, gaps, cost, next, previous });
  return reply.type(NDJSON).send(linesOf(records));
}

export function sendTable({ request, reply }: Sending, table: Table & Trust): FastifyReply {
  if (!wantsLines(request)) return sendJson(reply, table);
  headers(reply, { freshness: table.freshness, gaps: table.gaps, cost: table.cost });
  const names = table.columns.map(({ name }) => name);
  return reply.type(NDJSON).send(linesOf(table.rows.map((row) => rowObject(names, row))));
}

function rowObject(names: readonly string[], row: readonly unknown[]): object {
  return Object.fromEntries(names.map((name, index) => [name, row[index]]));
}

function linesOf(values: readonly unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

export function sendJson(reply: FastifyReply, value: unknown): FastifyReply {
  return reply.type('application/json; charset=utf-8').send(JSON.stringify(value));
}

interface Whole extends Pick<Trust, 'freshness' | 'gaps' | 'cost'> {
  readonly next?: string | null;
  readonly previous?: string | null;
}

/** Gaps are only counted here: a header has no room for thousands of them. */
function headers(reply: FastifyReply, { freshness, gaps, cost, next, previous }: Whole): void {
  void reply.headers({
    'sillok-visible-through': freshness.visible_through,
    'sillok-lag-ms': String(freshness.lag_ms),
    'sillok-gaps': String(gaps.length),
    'sillok-rows-read': String(cost.rows_read),
    'sillok-bytes-read': String(cost.bytes_read),
  });
  if (next) void reply.header('sillok-next', next);
  if (previous) void reply.header('sillok-previous', previous);
}
