/**
 * `@sillok/node/otel`: what OpenTelemetry's SDK hands to its exporters goes into the spool, too, or instead.
 *
 * ```js
 * new NodeTracerProvider({ spanProcessors: [new SillokSpanProcessor()] });
 * new LoggerProvider({ processors: [new SillokLogRecordProcessor()] });
 * ```
 *
 * A span is in the file when it has ended. Resource and service name are those of Sillok's logger.
 */
import type { Level } from '@sillok/record';
import { makeHead, type Head } from '../entry.js';
import { EMPTY_FRAGMENT } from '../fragment.js';
import { encodeIds, type RecordIds } from '../ids.js';
import type { Logger } from '../logger.js';
import { currentScope, type Scope } from '../scope.js';
import { getLogger } from '../sillok.js';
import { countProcessor, isClaimed } from './claims.js';
import {
  hasFailed,
  spanFields,
  type Attributes,
  type OtelSpan,
  type OtelSpanContext,
} from './span-fields.js';

export interface OtelOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
}

const SPAN = makeHead('span', 'info');
const FAILED_SPAN = makeHead('span', 'error');

export class SillokSpanProcessor {
  readonly #options: OtelOptions;
  /** The request in which a span began: its fields and its ids above the trace belong on the span's record. */
  readonly #scopes = new WeakMap<object, Scope>();
  #isShut = false;

  constructor(options: OtelOptions = {}) {
    this.#options = options;
    countProcessor(1);
  }

  onStart(span: object, _parentContext?: unknown): void {
    const scope = currentScope();
    if (scope !== undefined) this.#scopes.set(span, scope);
  }

  onEnd(span: OtelSpan): void {
    if (this.#isShut) return;
    const log = this.#options.log ?? getLogger();
    try {
      const context = span.spanContext();
      if (isClaimed(context)) return;
      const scope = this.#scopes.get(span);
      log.runtime.writer.write({
        head: hasFailed(span) ? FAILED_SPAN : SPAN,
        message: span.name,
        fields: spanFields(span),
        bindings: EMPTY_FRAGMENT,
        scope,
        ids: idsOf(context, span.parentSpanContext, scope),
      });
    } catch (error) {
      log.runtime.notice(`a span of OpenTelemetry was not written: ${String(error)}`);
    }
  }

  async forceFlush(): Promise<void> {
    await (this.#options.log ?? getLogger()).flush();
  }

  async shutdown(): Promise<void> {
    if (this.#isShut) return;
    this.#isShut = true;
    countProcessor(-1);
    await this.forceFlush();
  }
}

/** What is read of a `ReadableLogRecord`. */
export interface OtelLogRecord {
  readonly spanContext?: OtelSpanContext | undefined;
  readonly severityText?: string | undefined;
  readonly severityNumber?: number | undefined;
  readonly body?: unknown;
  readonly eventName?: string | undefined;
  readonly attributes: Attributes;
  readonly instrumentationScope?: { readonly name: string } | undefined;
}

const LEVELS: readonly Level[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const LOG_HEADS: readonly Head[] = LEVELS.map((level) => makeHead('log', level));
/** Severity numbers come in bands of four: 1–4 trace, 5–8 debug, … 21–24 fatal. */
const BAND = 4;
const INFO_BAND = 2;

export class SillokLogRecordProcessor {
  readonly #options: OtelOptions;
  #isShut = false;

  constructor(options: OtelOptions = {}) {
    this.#options = options;
  }

  onEmit(record: OtelLogRecord, _context?: unknown): void {
    if (this.#isShut) return;
    const log = this.#options.log ?? getLogger();
    try {
      const { severityNumber = 0, spanContext } = record;
      const band = severityNumber > 0 ? Math.floor((severityNumber - 1) / BAND) : INFO_BAND;
      const head = LOG_HEADS[band] ?? LOG_HEADS[INFO_BAND];
      if (head === undefined) return;
      const scope = currentScope();
      log.runtime.writer.write({
        head,
        message: messageOf(record),
        fields: logFields(record, head.level),
        bindings: EMPTY_FRAGMENT,
        scope,
        ids: spanContext === undefined ? undefined : idsOf(spanContext, undefined, scope),
      });
    } catch (error) {
      log.runtime.notice(`a log record of OpenTelemetry was not written: ${String(error)}`);
    }
  }

  async forceFlush(): Promise<void> {
    await (this.#options.log ?? getLogger()).flush();
  }

  async shutdown(): Promise<void> {
    if (this.#isShut) return;
    this.#isShut = true;
    await this.forceFlush();
  }
}

function idsOf(
  own: OtelSpanContext,
  parent: OtelSpanContext | undefined,
  scope: Scope | undefined,
): RecordIds {
  const { globalTraceId, sessionHash, userHash } = scope?.trace ?? {};
  return encodeIds({
    traceId: own.traceId,
    spanId: own.spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    ...(globalTraceId === undefined ? {} : { globalTraceId }),
    ...(sessionHash === undefined ? {} : { sessionHash }),
    ...(userHash === undefined ? {} : { userHash }),
  });
}

/** A text is the message; anything else stands under `body`, with its own message in front if it has one. */
function messageOf({ body, eventName = '' }: OtelLogRecord): string {
  if (typeof body === 'string') return body;
  if (typeof body !== 'object' || body === null)
    return body === undefined || body === null ? eventName : String(body);
  const message: unknown = Reflect.get(body, 'message') ?? Reflect.get(body, 'msg');
  return typeof message === 'string' ? message : eventName;
}

function logFields(record: OtelLogRecord, level: Level): object {
  const { body, eventName = '', severityText = '', instrumentationScope: scope } = record;
  return {
    ...record.attributes,
    ...(typeof body === 'object' && body !== null ? { body } : {}),
    ...(eventName === '' ? {} : { 'event.name': eventName }),
    ...(severityText === '' || severityText.toLowerCase() === level
      ? {}
      : { 'otel.severity_text': severityText }),
    ...(scope === undefined || scope.name === '' ? {} : { 'otel.scope.name': scope.name }),
  };
}
