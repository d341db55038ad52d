/**
 * Messages between services: what a sender puts into their headers, and what a receiver makes of it. Who wraps a library gives the
 * names; that the trace goes on, and how often the broker has delivered, is decided here.
 *
 * A queue is ours: headers of its messages are believed, as those of a stranger's request are not.
 */
import { extractTraceContext, traceHeaders, type TraceContext } from '@sillok/context';
import { nodeIds } from '../id-source.js';
import type { Logger } from '../logger.js';
import { getLogger } from '../sillok.js';
import { runSpan, Span } from '../span.js';

export interface MessagingOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
}

/** What of our context fits where only a few headers do, the most important first. */
export const MESSAGE_HEADERS = ['traceparent', 'baggage', 'tracestate'] as const;

export interface Destination extends MessagingOptions {
  /** `nats`, `aws_sqs`, `kafka`, `bullmq`, or another of the semantic conventions. */
  readonly system: string;
  readonly destination: string;
}

/** The span of sending. It ends with the broker's answer, or at once where there is none. */
export function openSend({ system, destination, log = getLogger() }: Destination): Span {
  return new Span({
    name: `send ${destination}`,
    runtime: log.runtime,
    kind: 'producer',
    fields: {
      'messaging.system': system,
      'messaging.destination.name': destination,
      'messaging.operation.type': 'send',
    },
  });
}

/** Headers for a message that is sent within the span. */
export function headersOf(span: Span, log: Logger | undefined): Record<string, string> {
  return traceHeaders(span.trace, (log ?? getLogger()).runtime.propagation.outgoing());
}

export interface Received extends Destination {
  readonly header: (name: string) => string | undefined;
  readonly id?: string | undefined;
  /** 1 for the first delivery; only where the broker says so. */
  readonly attempt?: number | undefined;
  readonly fields?: object | undefined;
}

export function openProcess(received: Received): Span {
  const { system, destination, header, id, attempt, log = getLogger(), fields } = received;
  const trace: TraceContext = extractTraceContext(header, nodeIds, log.runtime.propagation.vouched);
  return new Span({
    name: `process ${destination}`,
    runtime: log.runtime,
    kind: 'consumer',
    trace,
    fields: {
      'messaging.system': system,
      'messaging.destination.name': destination,
      'messaging.operation.type': 'process',
      'messaging.message.id': id,
      'messaging.delivery_attempt': attempt,
      ...fields,
    },
  });
}

/** Runs `work` for one message, as a request of its own in the sender's trace; what it throws is recorded and thrown on. */
export function processMessage<T>(received: Received, work: () => T): T {
  return runSpan(openProcess(received), work);
}
