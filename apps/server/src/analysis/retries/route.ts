/** `GET /api/retries`: who sent the same request several times, of one id or of a search. */
import { retriesQuery, ROUTES, TRACE_NODES_MAX, type RetriesAnswer } from '@sillok/api';
import { compileTraceIds, type Row } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import type { IdentityRoom } from '../../identity/room.js';
import { ReadError } from '../../read/errors.js';
import { checked, rangeOf, type Range, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import { plainSearch } from '../compare/why.js';
import { RETRY_TRACES_MAX } from '../limits.js';
import { gather, type Around } from '../scenario/gather.js';
import { assemble } from '../trace/assemble.js';
import { findTrace } from '../trace/find.js';
import { loadTraces } from '../trace/load.js';
import { pseudonymsIn } from '../trace/route.js';
import { groupRepeats } from './groups.js';
import { personOf, receivedIn, type Received } from './received.js';

export function registerRetries(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  app.get(ROUTES.retries, async (request, reply): Promise<RetriesAnswer> => {
    const caller = callerOf(reading, request, reply);
    const { id, q, limit, ...asked } = checked(retriesQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const people = await identity.graph(caller.project);
    const found =
      id === undefined
        ? await tracesOf(caller, { q, range, nowMs })
        : await tracesWith(caller, id, { range, people });
    const traceIds = found.slice(0, RETRY_TRACES_MAX);
    const loaded =
      traceIds.length === 0
        ? { nodes: [], truncated: { nodes: false } }
        : await loadTraces(caller, { traceIds, range, nodesMax: TRACE_NODES_MAX });
    // Of a search the answer counts; of one id it shows what somebody did.
    const hashes = id === undefined ? [] : pseudonymsIn(loaded.nodes);
    await identity.views.viewed(caller, { hashes, graph: people, by: 'retries', address: request.ip });
    const received = receivedOf(loaded.nodes);
    const groups = groupRepeats(received);
    return {
      groups: groups.slice(0, limit),
      looked_at: received.length,
      truncated: found.length > RETRY_TRACES_MAX || loaded.truncated.nodes || groups.length > limit,
      ...caller.trust(range),
    };
  });
}

/** Everything of a person or a scenario; or the trace that the id stands in, with what the same person did around it. */
async function tracesWith(caller: Caller, id: string, around: Around): Promise<readonly string[]> {
  for (const name of ['user_hash', 'session_hash', 'global_trace_id'] as const) {
    const story = await gather(caller, { [name]: [id] }, around);
    if (story.traceIds.length > 0) return story.traceIds;
  }
  const found = await findTrace(caller, id, around.range);
  if (found === undefined) {
    throw new ReadError('trace_not_found', `No record of this project with a trace has "${id}".`);
  }
  return [found.traceId, ...found.others];
}

interface Search {
  readonly q: string;
  readonly range: Range;
  readonly nowMs: number;
}

async function tracesOf(caller: Caller, { q, range, nowMs }: Search): Promise<string[]> {
  const slice = { query: plainSearch(q), ...range };
  const rows = await caller.rows(
    compileTraceIds({ ...analysisOf(caller, nowMs), slice, rows: RETRY_TRACES_MAX + 1 }),
  );
  return rows.map(([traceId]) => String(traceId));
}

export function receivedOf(nodes: readonly Row[]): Received[] {
  const traces = new Map<string, Row[]>();
  for (const row of nodes) {
    const { trace_id: traceId = '' } = row.record;
    const rows = traces.get(traceId);
    if (rows === undefined) traces.set(traceId, [row]);
    else rows.push(row);
  }
  return [...traces].flatMap(([traceId, rows]) =>
    receivedIn({
      traceId,
      person: personOf(rows, traceId),
      assembled: assemble({ nodes: rows, entries: [], skew: 'on' }),
    }),
  );
}
