/**
 * One outgoing HTTP call, whoever makes it: its client span, the headers that the called service gets, and its outcome.
 *
 * Where OpenTelemetry has put its own `traceparent` on the call already, its span is the one that the called service hangs
 * below. Then ours is left out if a processor of ours records that span, and takes its id if not.
 */
import { parseTraceparent, traceHeaders, type TraceParent } from '@sillok/context';
import { hashedIdempotencyKey } from '../idempotency.js';
import type { Logger } from '../logger.js';
import { takesOtelSpans } from '../otel/claims.js';
import { isInOtelCall } from '../otel.js';
import { currentScope, currentTrace } from '../scope.js';
import { errorTypeOf } from '../serializers.js';
import { Span } from '../span.js';
import { openSend, type OpenSend } from './resend.js';

export interface CallStart {
  readonly method: string;
  readonly isSecure: boolean;
  /** Without the port. */
  readonly host: string;
  readonly port: number;
  /** As in the request line, query included. */
  readonly path: string;
  readonly header: (name: string) => string | undefined;
}

export interface CallSettings {
  readonly log: () => Logger;
  /** Whether hosts that are not ours get the trace. Baggage never goes to them. */
  readonly tellsForeignHosts: boolean;
  readonly ignore: (host: string, path: string) => boolean;
}

const CLIENT_FAULT = 400;
const SERVER_FAULT = 500;
/** Answers after which a client sends again: the fault was of the moment. */
const SEND_AGAIN = new Set([408, 425, 429]);
/** Names and codes by which clients say that the caller gave up. */
const GIVEN_UP: { readonly [word: string]: 'aborted' | 'timeout' } = {
  AbortError: 'aborted',
  ABORT_ERR: 'aborted',
  ERR_CANCELED: 'aborted',
  TimeoutError: 'timeout',
};

/** Undefined when the call is not recorded here. */
export function openCall(start: CallStart, settings: CallSettings): ClientCall | undefined {
  const log = settings.log();
  if (settings.ignore(start.host, start.path) || isOwn(log, start)) return undefined;
  const found = start.header('traceparent');
  const given = found === undefined ? undefined : parseTraceparent(found);
  const current = currentTrace();
  const isOurs = given !== undefined && given.parentId === current?.spanId && !isInOtelCall();
  if (given === undefined || isOurs) {
    return new ClientCall({ start, log, settings, propagates: true });
  }
  // Somebody else's span: OpenTelemetry's, or the caller passes a stranger's trace on.
  if (given.traceId !== current?.traceId) return new ClientCall({ start, log, settings, propagates: false });
  if (isRecordedByOtel(given)) return undefined;
  return new ClientCall({ start, log, settings, propagates: false, spanId: given.parentId });
}

interface CallParts {
  readonly start: CallStart;
  readonly log: Logger;
  readonly settings: CallSettings;
  readonly propagates: boolean;
  readonly spanId?: string | undefined;
}

export class ClientCall {
  readonly #parts: CallParts;
  readonly #span: Span;
  readonly #send: OpenSend;
  #status: number | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    const { start, log, spanId } = parts;
    const { method, host, port } = start;
    const path = pathOf(start.path);
    const key = hashedIdempotencyKey(start.header);
    this.#span = new Span({ name: `${method} ${path}`, runtime: log.runtime, kind: 'client', spanId });
    const { parentSpanId } = this.#span.trace;
    const url = `${host}:${port}${start.path}`;
    this.#send = openSend(currentScope(), { method, url, parentSpanId, idempotencyKey: key });
    const { count, evidence } = this.#send.resend;
    this.#span.set({
      'http.request.method': method,
      'server.address': host,
      'server.port': port,
      'url.scheme': start.isSecure ? 'https' : 'http',
      'url.path': log.runtime.writer.encoder.cleanText(path),
      ...(count === 0
        ? {}
        : { 'http.request.resend_count': count, 'http.request.resend_evidence': evidence }),
      ...(key === undefined ? {} : { 'request.idempotency_key': key }),
    });
  }

  /** What the called service must get to continue the trace. Empty for hosts that must not know of it. */
  get headers(): Readonly<Record<string, string>> {
    const { log, start, settings, propagates } = this.#parts;
    if (!propagates) return {};
    const options = log.runtime.propagation.outgoing(start.host);
    if (options.isInside !== true && !settings.tellsForeignHosts) return {};
    return traceHeaders(this.#span.trace, options);
  }

  response(status: number): void {
    this.#status = status;
    this.#span.set({ 'http.response.status_code': status });
    this.#send.settle(isWorthSendingAgain(status));
  }

  /** The whole answer is there. */
  end(): void {
    const status = this.#status ?? 0;
    if (status >= CLIENT_FAULT) {
      this.#span.set({ 'error.type': String(status) });
      if (status >= SERVER_FAULT) this.#span.fail();
      else this.#span.warn();
    }
    this.#close(isWorthSendingAgain(status));
  }

  fail(error: unknown): void {
    if (this.#span.hasEnded) return;
    this.#span.set({ 'error.type': failureOf(error) }).fail(error);
    this.#close(true);
  }

  /** The caller gave up: nobody said why. */
  abort(type: 'aborted' | 'timeout'): void {
    this.#span.set({ 'error.type': type }).fail();
    this.#close(true);
  }

  /** Somebody else turned out to record this call: that span's id is the one that the called service sees. */
  yieldTo(given: TraceParent): ClientCall | undefined {
    this.#span.discard();
    this.#send.settle(false);
    if (isRecordedByOtel(given)) return undefined;
    return new ClientCall({ ...this.#parts, propagates: false, spanId: given.parentId });
  }

  #close(hasFailed: boolean): void {
    if (this.#span.hasEnded) return;
    this.#send.settle(hasFailed);
    this.#span.end();
  }
}

/** What its sampler drops is recorded here: the called service hangs below that span all the same. */
function isRecordedByOtel({ sampled }: TraceParent): boolean {
  return sampled && takesOtelSpans();
}

function isWorthSendingAgain(status: number): boolean {
  return status >= SERVER_FAULT || SEND_AGAIN.has(status);
}

function failureOf(error: unknown): string {
  const type = errorTypeOf(error);
  if (!(error instanceof Error)) return type;
  const { cause } = error;
  if (cause instanceof Error && cause.name === 'TimeoutError') return 'timeout';
  return GIVEN_UP[error.name] ?? GIVEN_UP[type] ?? type;
}

/** The shipper's own calls would make records that make calls. */
function isOwn(log: Logger, { host, port, path }: CallStart): boolean {
  const { url } = log.runtime.settings;
  if (url === undefined || !path.startsWith('/v1/')) return false;
  const own = URL.canParse(url) ? new URL(url) : undefined;
  if (own === undefined || own.hostname !== host) return false;
  return (own.port === '' ? (own.protocol === 'https:' ? 443 : 80) : Number(own.port)) === port;
}

function pathOf(path: string): string {
  const query = path.search(/[?#]/);
  return query < 0 ? path : path.slice(0, query);
}
