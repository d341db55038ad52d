/** `span()` and `startSpan()` for those who do not carry a logger around: they write to the first one of the process. */
import type { SpanArguments } from './logger.js';
import type { Span } from './span.js';
import { getLogger } from './sillok.js';

/**
 * Records a critical section: `await span('charge', { order_id: 7 }, () => charge(order))`. The work may be
 * synchronous or not; what it throws is recorded and thrown on.
 */
export function span<T>(name: string, work: (span: Span) => T): T;
export function span<T>(name: string, fields: object, work: (span: Span) => T): T;
export function span<T>(name: string, ...rest: SpanArguments<T>): T {
  return getLogger().span(name, ...rest);
}

/** A span that is ended by hand. What runs in `handle.run()` is inside of it. */
export function startSpan(name: string, fields: object = {}): Span {
  return getLogger().startSpan(name, fields);
}
