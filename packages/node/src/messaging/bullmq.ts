/**
 * BullMQ, by its own interface for telemetry: `new Queue(name, { connection, telemetry: bullmqTelemetry() })`, and the same for
 * workers and flows. It carries our headers in the job, and says which attempt is running.
 */
import { runInScope } from '../scope.js';
import type { Span } from '../span.js';
import { headersOf, openProcess, openSend, type MessagingOptions } from './message.js';

const PRODUCER = 3;
const CONSUMER = 4;
const QUEUE = 'bullmq.queue.name';
const JOB_ID = 'bullmq.job.id';
const JOB_NAME = 'bullmq.job.name';
const ATTEMPTS = 'bullmq.job.attempts.made';
const FAILED = 'bullmq.job.failed.reason';

type Fields = { readonly [name: string]: unknown };

/** What BullMQ hands from call to call. */
export interface BullmqContext {
  readonly span?: Span | undefined;
  readonly headers?: Fields | undefined;
  readonly isRoot?: boolean | undefined;
}

export interface BullmqSpan {
  setSpanOnContext(context: BullmqContext): BullmqContext;
  setAttribute(name: string, value: unknown): void;
  setAttributes(attributes: Fields): void;
  addEvent(name: string, attributes?: Fields): void;
  recordException(error: unknown): void;
  end(): void;
}

/** Fits BullMQ's `Telemetry`. */
export interface BullmqTelemetry {
  readonly tracer: {
    startSpan(name: string, options?: { readonly kind?: number }, context?: BullmqContext): BullmqSpan;
  };
  readonly contextManager: {
    with<A extends (...values: never[]) => unknown>(context: BullmqContext, work: A): ReturnType<A>;
    active(): BullmqContext;
    root(): BullmqContext;
    getMetadata(context: BullmqContext): string;
    fromMetadata(active: BullmqContext, metadata: string): BullmqContext;
  };
}

export function bullmqTelemetry(options: MessagingOptions = {}): BullmqTelemetry {
  return {
    tracer: {
      startSpan: (name, { kind = 0 } = {}, context = {}) =>
        new Recorded(spanOf(name, kind, { context, options })),
    },
    contextManager: {
      with: (context, work) => {
        const run = (): never => Reflect.apply(work, undefined, []) as never; // what the work answers
        if (context.isRoot === true) return runInScope(undefined, run);
        return context.span === undefined ? run() : context.span.run(run);
      },
      active: () => ({}),
      root: () => ({ isRoot: true }),
      getMetadata: ({ span }) => (span === undefined ? '' : JSON.stringify(headersOf(span, options.log))),
      fromMetadata: (_active, metadata) => ({ headers: parsed(metadata) }),
    },
  };
}

/** Sending and processing are recorded; the library's own bookkeeping (locks, stalled jobs) is not. */
function spanOf(
  name: string,
  kind: number,
  { context, options }: { readonly context: BullmqContext; readonly options: MessagingOptions },
): Span | undefined {
  const destination = name.split(' ').at(-1) ?? name;
  if (kind === PRODUCER) return openSend({ ...options, system: 'bullmq', destination });
  if (kind !== CONSUMER) return undefined;
  const header = (wanted: string): string | undefined => {
    const value = context.headers?.[wanted];
    return typeof value === 'string' ? value : undefined;
  };
  return openProcess({ ...options, system: 'bullmq', destination, header });
}

class Recorded implements BullmqSpan {
  readonly #span: Span | undefined;

  constructor(span: Span | undefined) {
    this.#span = span;
  }

  setSpanOnContext(context: BullmqContext): BullmqContext {
    return this.#span === undefined ? context : { span: this.#span };
  }

  setAttribute(name: string, value: unknown): void {
    this.setAttributes({ [name]: value });
  }

  setAttributes(attributes: Fields): void {
    const { [QUEUE]: queue, [JOB_ID]: id, [JOB_NAME]: job, [ATTEMPTS]: made } = attributes;
    this.#span?.set({
      ...(typeof queue === 'string' ? { 'messaging.destination.name': queue } : {}),
      ...(id === undefined ? {} : { 'messaging.message.id': String(id) }),
      ...(typeof job === 'string' ? { [JOB_NAME]: job } : {}),
      ...(typeof made === 'number' ? { 'messaging.delivery_attempt': made } : {}),
    });
    const failed = attributes[FAILED];
    if (typeof failed === 'string') this.#span?.fail(new Error(failed));
  }

  addEvent(_name: string, attributes: Fields = {}): void {
    this.setAttributes(attributes);
  }

  recordException(error: unknown): void {
    this.#span?.fail(error);
  }

  end(): void {
    this.#span?.end();
  }
}

/** What is not ours begins a trace of its own. */
function parsed(metadata: string): Fields {
  try {
    const value: unknown = JSON.parse(metadata);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
