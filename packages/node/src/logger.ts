/**
 * The logger: pino's API, without a worker between the call and the file.
 *
 * A call of a level that is on ends in one synchronous write; one that is off costs a comparison and uses no number. No call
 * throws into the host, whatever it is given.
 */
import { unflatten, type Json, type Level } from '@sillok/record';
import { flatOf, type Fragment } from './fragment.js';
import { formatMessage } from './format.js';
import { LEVEL_VALUES, toLevel, type LevelOrSilent } from './levels.js';
import { makeHead, type Head } from './entry.js';
import { prepareFields } from './prepare.js';
import type { Runtime } from './runtime.js';
import { currentScope, runInScope, type Scope } from './scope.js';
import { applySerializer, errorMessage, isError, type Serializers } from './serializers.js';
import { runSpan, Span } from './span.js';

/**
 * First argument of a log call: fields, an error, a message, or a function that makes one of them and runs only when
 * the level is on.
 */
export type LogInput = object | string | number | boolean | bigint | symbol | null | undefined;

/** The work of a span, with or without fields before it. */
export type SpanArguments<T> = [work: (span: Span) => T] | [fields: object, work: (span: Span) => T];

export interface ChildOptions {
  readonly level?: LevelOrSilent | undefined;
  readonly serializers?: Serializers | undefined;
}

export interface LoggerState {
  readonly runtime: Runtime;
  readonly bindings: Fragment;
  readonly level: LevelOrSilent;
  readonly serializers: Serializers;
  readonly mixin: ((fields: object, level: number) => object) | undefined;
  /** The request that this logger belongs to, whatever the current context is. */
  readonly scope: Scope | undefined;
}

const HEADS: Readonly<Record<Level, Head>> = {
  trace: makeHead('log', 'trace'),
  debug: makeHead('log', 'debug'),
  info: makeHead('log', 'info'),
  warn: makeHead('log', 'warn'),
  error: makeHead('log', 'error'),
  fatal: makeHead('log', 'fatal'),
};
const AUDIT_HEAD = makeHead('audit', 'info');
const EVENT_HEAD = makeHead('event', 'info');

export class Logger {
  /** For programs that belong to Sillok (middleware, bridges, tests); not part of the API for services. */
  readonly runtime: Runtime;
  readonly #serializers: Serializers;
  readonly #serialized: readonly string[];
  readonly #mixin: LoggerState['mixin'];
  readonly #scope: Scope | undefined;
  #bindings: Fragment;
  #level: LevelOrSilent;
  #threshold: number;

  constructor(state: LoggerState) {
    this.runtime = state.runtime;
    this.#bindings = state.bindings;
    this.#serializers = state.serializers;
    this.#serialized = Object.keys(state.serializers);
    this.#mixin = state.mixin;
    this.#scope = state.scope;
    this.#level = state.level;
    this.#threshold = LEVEL_VALUES[state.level];
  }

  get level(): LevelOrSilent {
    return this.#level;
  }

  /** Takes effect on this logger and on children made later, as in pino. A name that is unknown changes nothing. */
  set level(name: string) {
    const level = toLevel(name);
    if (level === undefined) {
      this.runtime.notice(`unknown level "${name}"; it stays ${this.#level}`);
      return;
    }
    this.#level = level;
    this.#threshold = LEVEL_VALUES[level];
  }

  get levelVal(): number {
    return this.#threshold;
  }

  isLevelEnabled(name: string): boolean {
    const level = toLevel(name);
    return level !== undefined && level !== 'silent' && LEVEL_VALUES[level] >= this.#threshold;
  }

  trace(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold <= LEVEL_VALUES.trace) this.#log(HEADS.trace, first, rest);
  }

  debug(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold <= LEVEL_VALUES.debug) this.#log(HEADS.debug, first, rest);
  }

  info(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold <= LEVEL_VALUES.info) this.#log(HEADS.info, first, rest);
  }

  warn(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold <= LEVEL_VALUES.warn) this.#log(HEADS.warn, first, rest);
  }

  error(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold <= LEVEL_VALUES.error) this.#log(HEADS.error, first, rest);
  }

  /** Also waits for the disk: what follows a fatal record is often the end. */
  fatal(first: LogInput, ...rest: readonly unknown[]): void {
    if (this.#threshold > LEVEL_VALUES.fatal) return;
    this.#log(HEADS.fatal, first, rest);
    this.runtime.syncNow();
  }

  /** Does nothing, as in pino. */
  silent(): void {}

  /** A logger whose records all carry `bindings`, which are encoded once, here. */
  child(bindings: object, options: ChildOptions = {}): Logger {
    const serializers = { ...this.#serializers, ...options.serializers };
    const fields = prepareFields(serialized(bindings, serializers));
    return new Logger({
      runtime: this.runtime,
      bindings: this.runtime.writer.encoder.fragment(fields, this.#bindings),
      level: options.level ?? this.#level,
      serializers,
      mixin: this.#mixin,
      scope: this.#scope,
    });
  }

  /** The same logger, bound to one request: its records carry that context wherever they are written. */
  inScope(scope: Scope): Logger {
    return new Logger({
      runtime: this.runtime,
      bindings: this.#bindings,
      level: this.#level,
      serializers: this.#serializers,
      mixin: this.#mixin,
      scope,
    });
  }

  bindings(): { [key: string]: Json } {
    return unflatten(flatOf(this.#bindings));
  }

  setBindings(bindings: object): void {
    const fields = prepareFields(serialized(bindings, this.#serializers));
    this.#bindings = this.runtime.writer.encoder.fragment(fields, this.#bindings);
  }

  /** A product or system event: found by its name (`event.name`). */
  event(name: string, fields: object = {}, message: string = name): void {
    this.#write(EVENT_HEAD, { ...fields, 'event.name': name }, message);
  }

  /**
   * Records who did what and resolves when that is on the disk; survives a power cut, and the rollback of any
   * transaction around it. Rejects when it could not be kept, which must be taken seriously.
   */
  async audit(action: string, fields: object = {}): Promise<void> {
    const isWritten = this.#write(AUDIT_HEAD, { ...fields, 'event.name': action }, action);
    await this.runtime.confirmAudit(isWritten);
  }

  /** A critical section as a record of its own: `await log.span('charge', { order_id: 7 }, () => charge(order))`. */
  span<T>(name: string, ...rest: SpanArguments<T>): T {
    const [fields, work] = rest.length === 1 ? [undefined, rest[0]] : rest;
    return runSpan(this.#openSpan(name, fields), work);
  }

  /** A span that is ended by hand, with `end()`. */
  startSpan(name: string, fields: object = {}): Span {
    return this.#openSpan(name, fields);
  }

  #openSpan(name: string, fields: object | undefined): Span {
    const { runtime } = this;
    const bindings = this.#bindings;
    const scope = this.#scope;
    // A logger that is bound to a request opens its spans there, wherever it is called from.
    if (scope === undefined || currentScope()?.request === scope.request) {
      return new Span({ name, runtime, fields, bindings });
    }
    return runInScope(scope, () => new Span({ name, runtime, fields, bindings }));
  }

  /** Resolves when everything so far is on the disk, with a token for `GET /api/search?after=`. */
  flush(): Promise<string> {
    return this.runtime.flush();
  }

  /** Writes the closing record, waits for the disk and, for a bounded time, for the server. */
  close(): Promise<void> {
    return this.runtime.close('close');
  }

  /** `rest`: the message and what its placeholders stand for. */
  #log(head: Head, first: LogInput, rest: readonly unknown[]): void {
    try {
      this.#logUnsafe(head, first, rest);
    } catch (error) {
      // Only a bug of ours gets here; the host must not pay for it.
      this.runtime.notice(
        `a record was not written: ${isError(error) ? errorMessage(error) : String(error)}`,
      );
    }
  }

  #logUnsafe(head: Head, given: LogInput, rest: readonly unknown[]): void {
    const first: unknown = typeof given === 'function' ? applySerializer(() => given(), undefined) : given;
    if (typeof first === 'object' && first !== null) {
      const message = messageOf(rest);
      if (isError(first)) this.#write(head, { err: first }, message ?? errorMessage(first));
      else if (message !== undefined) this.#write(head, first, message);
      else this.#writeMessageless(head, first);
    } else if (typeof first === 'string') {
      this.#write(head, undefined, rest.length === 0 ? first : formatMessage(first, rest));
    } else {
      const isAbsent = first === undefined || first === null;
      this.#write(head, undefined, (isAbsent ? messageOf(rest) : undefined) ?? String(first ?? ''));
    }
  }

  /** `log.info({ msg: 'paid', order: 7 })`: the message is among the fields. */
  #writeMessageless(head: Head, fields: object): void {
    for (const key of ['msg', 'message']) {
      const message: unknown = Reflect.get(fields, key);
      if (typeof message !== 'string') continue;
      const { [key]: _, ...others } = fields as Record<string, unknown>; // any object has string keys
      this.#write(head, others, message);
      return;
    }
    const error: unknown = Reflect.get(fields, 'err');
    this.#write(head, fields, isError(error) ? errorMessage(error) : '');
  }

  #write(head: Head, given: object | undefined, message: string): boolean {
    let fields = given;
    if (this.#mixin !== undefined) fields = { ...this.#mixed(given ?? {}, head.level), ...given };
    if (this.#serialized.length > 0 && fields !== undefined) fields = serialized(fields, this.#serializers);
    return this.runtime.writer.write({ head, message, fields, bindings: this.#bindings, scope: this.#scope });
  }

  #mixed(fields: object, level: Level): object {
    const mixin = this.#mixin;
    const mixed = applySerializer(() => mixin?.(fields, LEVEL_VALUES[level]), undefined);
    return typeof mixed === 'object' && mixed !== null ? mixed : {};
  }
}

function messageOf(rest: readonly unknown[]): string | undefined {
  const [message] = rest;
  if (message === undefined) return undefined;
  return rest.length === 1 ? String(message) : formatMessage(String(message), rest.slice(1));
}

/** `fields` with the caller's serializers applied; the same object when none applies. */
function serialized(fields: object, serializers: Serializers): object {
  let copy: { [key: string]: unknown } | undefined;
  for (const key of Object.keys(serializers)) {
    const serializer = serializers[key];
    if (serializer === undefined || !Object.hasOwn(fields, key)) continue;
    copy ??= { ...fields };
    copy[key] = applySerializer(serializer, copy[key]);
  }
  return copy ?? fields;
}
