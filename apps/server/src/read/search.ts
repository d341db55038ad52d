/** `GET /api/search`: records page by page, or a table when the search has pipes that make one. */
import { decodeToken, ROUTES, searchQuery } from '@sillok/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ReadError } from './errors.js';
import { sendPage, sendTable } from './formats.js';
import { readPage, type PageStart } from './records-page.js';
import { checked, projectOf, rangeOf, searchOf, type Range, type Reading } from './reading.js';
import { fieldsStage, isTable, pickFields, readStats } from './table-page.js';
import { gapsIn, hintsShown } from './trust.js';
import { statsStage, type Query } from '@sillok/query';

type SearchRequest = z.output<typeof searchQuery>;

export function registerSearch(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.search, async (request, reply) => {
    const project = projectOf(reading, request);
    const asked = checked(searchQuery, request.query);
    const query = searchOf(asked.q);
    if (asked.after !== undefined) await waitFor(reading, { ...asked, after: asked.after, project });
    return answer({ reading, project, asked, query, request, reply });
  });
}

interface Asked {
  readonly reading: Reading;
  readonly project: string;
  readonly asked: SearchRequest;
  readonly query: Query;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function answer(asking: Asked): Promise<FastifyReply> {
  const { reading, project, query } = asking;
  // Before the statement runs: what was visible then is in its answer.
  const freshness = reading.state.freshness();
  const [result, hints] = await Promise.all([
    isTable(query) ? table(asking) : page(asking),
    reading.hints.hintsFor(query, project),
  ]);
  const { range, ...found } = result;
  const trust = { freshness, ...gapsIn(reading.state, project, range), ...hintsShown(hints) };
  const sending = { request: asking.request, reply: asking.reply };
  if ('columns' in found) return sendTable(sending, { ...found, ...trust });
  return sendPage(sending, { ...found, ...trust });
}

async function page(asking: Asked) {
  const { reading, project, asked, query, reply } = asking;
  const { q, order, from, to, limit } = asked;
  const binding = { project, q, order, from, to };
  const start = startOf(asking);
  const found = await readPage(reading, { query, binding, limit, start, reply });
  return {
    ...found,
    range: rangeOfPage(start, found.rows.at(0)?.record.time, found.rows.at(-1)?.record.time),
  };
}

async function table(asking: Asked) {
  const { reading, project, query, reply } = asking;
  const { range, nowMs } = startOf(asking);
  if (statsStage(query) !== undefined) {
    return { ...(await readStats(reading, { query, project, range, nowMs, reply })), range };
  }
  const { rows, next, previous, cost, range: own } = await page(asking);
  return {
    ...pickFields(fieldsStage(query) ?? [], rows),
    truncated: next !== null,
    next,
    previous,
    cost,
    range: own,
  };
}

function startOf({ reading, project, asked }: Asked): PageStart {
  const { q, order, from, to } = asked;
  if (asked.cursor !== undefined) {
    const cursor = reading.cursors.decode(asked.cursor, { project, q, order, from, to });
    return { range: cursor.range, nowMs: cursor.nowMs, cursor };
  }
  const nowMs = Date.now();
  return { range: rangeOf(asked, nowMs), nowMs };
}

/** The first page names what is missing in the whole range; later pages, what is missing beside their own records. */
function rangeOfPage(start: PageStart, first: string | undefined, last: string | undefined): Range {
  if (start.cursor === undefined || first === undefined || last === undefined) return start.range;
  return first < last ? { from: first, to: last } : { from: last, to: first };
}

interface Waiting {
  readonly after: string;
  readonly wait_ms: number;
  readonly project: string;
}

/** Until the records of the token are visible, or the time is up. */
async function waitFor({ state }: Reading, { after, wait_ms: waitMs, project }: Waiting): Promise<void> {
  const token = decodeToken(after);
  if (token === undefined) throw new ReadError('token_invalid', 'The text in "after" is not a flush token.');
  if (token.project !== undefined && token.project !== project) {
    throw new ReadError('token_project_mismatch', 'The token is of another project than the key.');
  }
  const outcome = await state.waitVisible({ ...token, project }, waitMs);
  if (outcome.state === 'visible') return;
  const { producer, boot, seq } = token;
  const name = `The records of ${producer}/${boot} up to ${seq}`;
  const message =
    outcome.safe === 'queue'
      ? `${name} are safe on the server's disk, but not searchable yet after ${waitMs} ms.`
      : `${name} have not all arrived here after ${waitMs} ms; the sender's spool has what it wrote.`;
  throw new ReadError('not_visible_yet', message, {
    more: { safe: outcome.safe, token: { producer, boot, seq } },
  });
}
