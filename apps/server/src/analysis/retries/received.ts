/** What services took, each with the way it came: from the click or the first span down to the request or message itself. */
import type { Row } from '@sillok/query';
import { timeToNs } from '@sillok/record';
import { textOf } from '../row-fields.js';
import type { Assembled } from '../trace/assemble.js';
import type { Hop } from '../trace/hop.js';

/** A hop as it was met on the way; times are nanoseconds since 1970, so that traces can be compared. */
export interface Met {
  readonly hop: Hop;
  /** Unique over all traces. */
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface Received {
  readonly traceId: string;
  readonly service: string;
  readonly what: string;
  /** Same text, same request: method and path, or queue and message. */
  readonly same: string;
  readonly person: string;
  readonly failed: boolean;
  readonly startMs: number;
  readonly endMs: number;
  /** From the root to the request itself. */
  readonly path: readonly Met[];
}

export interface TraceOf {
  readonly traceId: string;
  readonly assembled: Assembled;
  readonly person: string;
}

export function receivedIn({ traceId, assembled, person }: TraceOf): Received[] {
  const { tree, clock, view } = assembled;
  const byId = new Map(tree.order.map((hop) => [hop.id, hop]));
  const zero = tree.order[0];
  if (zero === undefined) return [];
  // Milliseconds since 1970: exact enough to order and to compare gaps.
  const baseMs = Number(timeToNs(view.start)) / 1e6 - clock.timesOf(firstOf(tree.order, clock)).startMs;
  const meet = (hop: Hop): Met => {
    const { startMs, endMs } = clock.timesOf(hop);
    return { hop, key: `${traceId} ${hop.id}`, startMs: baseMs + startMs, endMs: baseMs + endMs };
  };
  return tree.order.flatMap((hop): Received[] => {
    if (hop.type !== 'request' && hop.type !== 'receive') return [];
    const path: Met[] = [];
    for (let at: Hop | undefined = hop; at; at = byId.get(tree.parentOf.get(at.id) ?? ''))
      path.push(meet(at));
    const { startMs, endMs } = meet(hop);
    return [
      {
        traceId,
        service: hop.service,
        what: hop.type === 'receive' ? (hop.messaging?.destination ?? hop.name) : hop.name,
        same: sameness(hop),
        person,
        failed: hop.failed,
        startMs,
        endMs,
        path: path.toReversed(),
      },
    ];
  });
}

function firstOf(order: readonly Hop[], clock: Assembled['clock']): Hop {
  let first = order[0] as Hop; // the caller has looked that there is one
  for (const hop of order) if (clock.timesOf(hop).startMs < clock.timesOf(first).startMs) first = hop;
  return first;
}

/** Other paths are other things: `/products/1` and `/products/2` are not the same request twice. */
function sameness({ type, service, http, messaging, name, parentId }: Hop): string {
  if (type === 'receive') {
    return JSON.stringify([
      service,
      'message',
      messaging?.destination ?? name,
      messaging?.message_id || parentId,
    ]);
  }
  return JSON.stringify([service, http?.method ?? '', http?.path || http?.route || name]);
}

/** Whose trace it is: sessions before accounts, because a request before the sign-in has only that. */
export function personOf(rows: readonly Row[], traceId: string): string {
  for (const name of ['session_hash', 'global_trace_id', 'user_hash'] as const) {
    for (const { record } of rows) if (record[name]) return record[name];
  }
  const agent = rows.map((row) =>
    `${textOf(row, 'client.address')} ${textOf(row, 'user_agent.original')}`.trim(),
  );
  return agent.find((text) => text !== '') ?? traceId;
}
