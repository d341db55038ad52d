/** `GET /api/trace/:id`: everything that belongs to one trace, found by any id that stands in it. */
import { ROUTES, traceQuery, type TraceAnswer } from '@sillok/api';
import type { Row } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import type { IdentityRoom } from '../../identity/room.js';
import { ReadError } from '../../read/errors.js';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { callerOf } from '../caller.js';
import { assemble } from './assemble.js';
import { findTrace } from './find.js';
import { loadTraces, type Loaded } from './load.js';

export function registerTrace(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  app.get<{ Params: { id: string } }>(ROUTES.trace, async (request, reply): Promise<TraceAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(traceQuery, request.query);
    const range = rangeOf(asked, Date.now());
    const found = await findTrace(caller, request.params.id, range);
    if (found === undefined) {
      throw new ReadError(
        'trace_not_found',
        `No record of this project with a trace has "${request.params.id}".`,
      );
    }
    const { traceId, foundBy, others } = found;
    const loaded = await loadTraces(caller, { traceIds: [traceId], range, nodesMax: asked.limit });
    const hashes = pseudonymsIn([...loaded.nodes, ...loaded.entries]);
    const graph = await identity.graph(caller.project);
    await identity.views.viewed(caller, { hashes, graph, by: 'trace', traceId, address: request.ip });
    const { view } = assemble({ ...loaded, skew: asked.skew });
    return {
      trace_id: traceId,
      found_by: foundBy,
      other_traces: others,
      ...whose(loaded),
      ...view,
      truncated: loaded.truncated,
      ...caller.trust({ from: view.start, to: view.end }),
    };
  });
}

/** Everybody who stands in these records, the accounts first. */
export function pseudonymsIn(rows: readonly Row[]): string[] {
  const of = (name: 'user_hash' | 'session_hash') => rows.flatMap(({ record }) => record[name] ?? []);
  return [...new Set([...of('user_hash'), ...of('session_hash')])];
}

/** The first record that names them: a request before the sign-in knows no user. */
function whose({
  nodes,
  entries,
}: Loaded): Pick<TraceAnswer, 'global_trace_id' | 'user_hash' | 'session_hash'> {
  const first = (name: 'global_trace_id' | 'user_hash' | 'session_hash'): string | null => {
    for (const rows of [nodes, entries]) {
      for (const { record } of rows) if (record[name]) return record[name];
    }
    return null;
  };
  return {
    global_trace_id: first('global_trace_id'),
    user_hash: first('user_hash'),
    session_hash: first('session_hash'),
  };
}
