/** What the SQL adapters share: their options, the span of one statement, and whether it carries a comment. */
import {
  sqlErrorWithoutValues,
  sqlWithoutLiterals,
  summariseSql,
  withSqlComment,
  type SqlSummary,
  type TraceContext,
} from '@sillok/context';
import { SQL_TEXTS_CACHED_MAX, SQL_TEXT_CACHED_CHARACTERS_MAX } from '../limits.js';
import type { Logger } from '../logger.js';
import { takesOtelSpans } from '../otel/claims.js';
import { currentTrace } from '../scope.js';
import { errorTypeOf } from '../serializers.js';
import { getLogger } from '../sillok.js';
import { Span } from '../span.js';

export interface SqlOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
  /** A client span for each statement. Default true. */
  readonly spans?: boolean | undefined;
  /**
   * Put the place in the trace into the statement, as a comment. Off unless asked for; never on prepared or named statements.
   * `sample` is the share of traces, 0 to 1, whose statements get one. Default 1.
   */
  readonly comments?: boolean | { readonly sample?: number | undefined } | undefined;
}

export interface SqlSettings {
  readonly log: () => Logger;
  readonly hasSpans: boolean;
  /** 0: no comments. */
  readonly sample: number;
}

export function settingsOf({ log, spans = true, comments = false }: SqlOptions): SqlSettings {
  const sample = typeof comments === 'object' ? (comments.sample ?? 1) : comments ? 1 : 0;
  return { log: () => log ?? getLogger(), hasSpans: spans, sample };
}

export interface Statement {
  readonly sql: string;
  readonly system: 'postgresql' | 'mysql';
  readonly namespace: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
}

/** Undefined when somebody else records it, or nobody wants it recorded. */
export function openStatement(
  statement: Statement,
  settings: SqlSettings,
  isWatched: boolean,
): Span | undefined {
  if (!settings.hasSpans || (isWatched && takesOtelSpans())) return undefined;
  const { system, namespace, host, port } = statement;
  const { text, operation, target } = knownText(statement);
  return new Span({
    name: [operation, target].filter((part) => part !== undefined).join(' ') || system,
    runtime: settings.log().runtime,
    kind: 'client',
    fields: {
      'db.system.name': system,
      'db.query.text': text,
      'db.operation.name': operation,
      'db.collection.name': target,
      'db.namespace': namespace,
      'server.address': host,
      'server.port': port,
    },
  });
}

/** The statement as it is sent: from within `span`, or from the current place. */
export function commented(sql: string, span: Span | undefined, { sample }: SqlSettings): string {
  if (sample <= 0) return sql;
  const trace = span?.trace ?? currentTrace();
  if (trace === undefined || !isSampled(trace, sample)) return sql;
  return withSqlComment(sql, { ...trace, parentId: trace.spanId });
}

/** What the database said, without the values in it; its code groups failures. */
export function failStatement(span: Span, error: unknown, system: Statement['system']): void {
  const type = errorTypeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  span.fail().set({
    'error.type': type,
    'db.response.status_code': type,
    'exception.type': error instanceof Error ? error.constructor.name : typeof error,
    'exception.message': sqlErrorWithoutValues(message, { mysql: system === 'mysql' }),
  });
  span.end();
}

/** Whether a method is wrapped by an instrumentation of OpenTelemetry. */
export function isOtelWrapped(method: unknown): boolean {
  return typeof method === 'function' && Reflect.get(method, '__wrapped') === true;
}

const SAMPLE_DIGITS = 8;
const SAMPLE_VALUES = 2 ** 32;

/** By the random end of the trace id: all statements of a trace, in all services, or none. */
function isSampled({ traceId }: TraceContext, sample: number): boolean {
  return sample >= 1 || Number.parseInt(traceId.slice(-SAMPLE_DIGITS), 16) / SAMPLE_VALUES < sample;
}

type KnownText = SqlSummary & { readonly text: string };
const texts = new Map<string, KnownText>();

/** A service sends the same few statements over and over, and their values beside them. */
function knownText({ sql, system }: Statement): KnownText {
  const key = system + sql;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = sqlWithoutLiterals(sql, { mysql: system === 'mysql' });
  const made = { text, ...summariseSql(text) };
  if (sql.length <= SQL_TEXT_CACHED_CHARACTERS_MAX) {
    const [oldest] = texts.keys();
    if (texts.size >= SQL_TEXTS_CACHED_MAX && oldest !== undefined) texts.delete(oldest);
    texts.set(key, made);
  }
  return made;
}
