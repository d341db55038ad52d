/**
 * Who records what, where OpenTelemetry instruments the same call as we do: each piece of work must be one record.
 *
 * The server span of a request belongs to our `access` record when our middleware is there. A client span belongs to
 * OpenTelemetry when one of its instrumentations made it and a span processor of ours takes it.
 */
const claimed = new WeakSet<object>();
let processors = 0;

/** The span of this context is recorded by us already; the processor leaves it out. */
export function claimOtelSpan(context: object): void {
  claimed.add(context);
}

export function isClaimed(context: object): boolean {
  return claimed.has(context);
}

/** Whether spans of OpenTelemetry land in a spool of ours in this process. */
export function takesOtelSpans(): boolean {
  return processors > 0;
}

export function countProcessor(change: 1 | -1): void {
  processors += change;
}
