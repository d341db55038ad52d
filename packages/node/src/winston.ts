/**
 * `@sillok/node/winston`: a transport for winston 3. Put it first among the transports: winston hands records on through a
 * stream, and what stands in that stream when a process is killed is lost before it reaches any transport.
 */
import { Writable } from 'node:stream';
import { LEVELS, toLevel, type Level } from '@sillok/record';
import { EMPTY_FRAGMENT } from './fragment.js';
import { makeHead, type Head } from './entry.js';
import type { SillokOptions } from './options.js';
import type { Runtime } from './runtime.js';
import { isError } from './serializers.js';
import { sillok } from './sillok.js';

const HEADS = new Map<Level, Head>(LEVELS.map((level) => [level, makeHead('log', level)]));
const LEVEL = Symbol.for('level');

export interface WinstonInfo {
  readonly level: string;
  readonly message: unknown;
  readonly [key: string | symbol]: unknown;
}

export interface WinstonTransportOptions extends SillokOptions {
  /** winston's own level names and priorities, where they are not npm's; smaller is more severe. */
  readonly levels?: Readonly<Record<string, number>> | undefined;
}

/** A logger of winston, as far as a transport looks at it. */
interface WinstonLogger {
  readonly level?: string;
  readonly levels?: Readonly<Record<string, number>>;
}

/** `winston.createLogger({ transports: [sillokWinston()] })` */
export function sillokWinston(options: WinstonTransportOptions = {}): SillokTransport {
  return new SillokTransport(options);
}

export class SillokTransport extends Writable {
  readonly runtime: Runtime;
  readonly #levels: WinstonTransportOptions['levels'];
  #logger: WinstonLogger = {};

  constructor(options: WinstonTransportOptions) {
    super({ objectMode: true });
    const { levels, ...rest } = options;
    this.runtime = sillok(rest).runtime;
    this.#levels = levels;
    // winston pipes the logger into its transports; each of them decides what its level lets through.
    this.on('pipe', (logger: WinstonLogger) => {
      this.#logger = logger;
    });
  }

  /** winston looks for a method of this name, with two parameters, to tell new transports from old. */
  log(info: WinstonInfo, next: () => void): void {
    if (this.#isEnabled(info)) writeInfo(this.runtime, info, this.#levels ?? this.#logger.levels);
    next();
  }

  override _write(info: WinstonInfo, _encoding: BufferEncoding, next: () => void): void {
    this.log(info, next);
  }

  override _final(done: () => void): void {
    this.runtime.syncNow();
    done();
  }

  #isEnabled(info: WinstonInfo): boolean {
    const { level, levels } = this.#logger;
    const most = level === undefined ? undefined : levels?.[level];
    const own = levels?.[nameOf(info)];
    return most === undefined || own === undefined || own <= most;
  }
}

function nameOf(info: WinstonInfo): string {
  const own = info[LEVEL];
  return typeof own === 'string' ? own : info.level;
}

function writeInfo(runtime: Runtime, info: WinstonInfo, levels: WinstonTransportOptions['levels']): void {
  const { level: _level, message, timestamp: _timestamp, stack, ...fields } = info;
  const name = nameOf(info);
  const head = HEADS.get(toLevel(name) ?? levelByPriority(name, levels));
  if (head === undefined) return;
  // `logger.error(error)` and format.errors() leave the parts of the error on the record.
  const exception = typeof stack === 'string' ? { 'exception.stacktrace': stack } : {};
  const error = isError(info) ? { err: info } : isError(message) ? { err: message } : undefined;
  runtime.writer.write({
    head,
    message: textOf(message),
    fields: error === undefined ? { ...fields, ...exception } : { ...fields, ...error },
    bindings: EMPTY_FRAGMENT,
  });
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (isError(message)) return message.message;
  return message === undefined || message === null ? '' : String(message);
}

/** A level of the application's own: the upper half of its list is errors and warnings. */
function levelByPriority(name: string, levels: WinstonTransportOptions['levels']): Level {
  const priority = levels?.[name];
  if (priority === undefined || levels === undefined) return 'info';
  const highest = Math.max(...Object.values(levels));
  const steps: readonly Level[] = ['error', 'warn', 'info', 'debug', 'trace'];
  return (
    steps[Math.min(steps.length - 1, Math.round((priority / Math.max(highest, 1)) * (steps.length - 1)))] ??
    'info'
  );
}
