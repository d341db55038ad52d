/** The records of traces, each part with its limit, and the edges that know them only by a request id. */
import { compileEdgesByRequestId, compileTraceRecords, type Row, type TracePart } from '@sillok/query';
import { nsToTime, timeToNs } from '@sillok/record';
import type { Range } from '../../read/reading.js';
import type { Caller } from '../caller.js';
import {
  EDGE_RECORDS_MAX,
  EDGE_SEARCH_MS,
  REQUEST_IDS_MAX,
  TRACE_ENTRIES_MAX,
  TRACE_RESULT_BYTES_MAX,
} from '../limits.js';
import { attributesUnder, textOf } from '../row-fields.js';

export interface Loaded {
  readonly nodes: readonly Row[];
  readonly entries: readonly Row[];
  readonly truncated: { readonly nodes: boolean; readonly entries: boolean };
}

export interface Wanted {
  readonly traceIds: readonly string[];
  readonly range: Range;
  readonly nodesMax: number;
}

export async function loadTraces(caller: Caller, wanted: Wanted): Promise<Loaded> {
  const { project, table } = caller;
  const { traceIds, range, nodesMax } = wanted;
  const read = (part: TracePart, max: number): Promise<Row[]> => {
    const statement = compileTraceRecords({ project, table, ...range, traceIds, part, limit: max + 1 });
    return caller.records({ ...statement, limits: { resultBytes: TRACE_RESULT_BYTES_MAX } });
  };
  const [nodes, entries] = await Promise.all([read('nodes', nodesMax), read('entries', TRACE_ENTRIES_MAX)]);
  const kept = nodes.slice(0, nodesMax);
  return {
    nodes: [...kept, ...(await edgesBeside(caller, kept))],
    entries: entries.slice(0, TRACE_ENTRIES_MAX),
    truncated: { nodes: nodes.length > nodesMax, entries: entries.length > TRACE_ENTRIES_MAX },
  };
}

/** A proxy that logs `X-Request-Id` and no trace: its record belongs to the trace whose service took that id. */
async function edgesBeside(caller: Caller, nodes: readonly Row[]): Promise<Row[]> {
  const traceOf = new Map<string, string>();
  for (const row of nodes) {
    const { trace_id: traceId = '' } = row.record;
    for (const [, value] of attributesUnder(row, 'trace.alias.')) traceOf.set(value, traceId);
    const own = textOf(row, 'edge.request_id');
    if (own !== '') traceOf.set(own, traceId);
  }
  const times = nodes.map(({ record }) => record.time).toSorted();
  const [first, last] = [times[0], times.at(-1)];
  if (traceOf.size === 0 || first === undefined || last === undefined) return [];
  const marginNs = BigInt(EDGE_SEARCH_MS) * 1_000_000n;
  const startNs = timeToNs(first) - marginNs;
  const { project, table } = caller;
  const found = await caller.records(
    compileEdgesByRequestId({
      project,
      table,
      from: nsToTime(startNs < 0n ? 0n : startNs),
      to: nsToTime(timeToNs(last) + marginNs),
      requestIds: [...traceOf.keys()].slice(0, REQUEST_IDS_MAX),
      limit: EDGE_RECORDS_MAX,
    }),
  );
  return found.flatMap((row) => {
    const ids = [textOf(row, 'edge.request_id'), ...attributesUnder(row, 'trace.alias.').map(([, id]) => id)];
    const traceId = ids.map((id) => traceOf.get(id)).find((id) => id !== undefined);
    return traceId === undefined ? [] : [{ ...row, record: { ...row.record, trace_id: traceId } }];
  });
}
