/**
 * `@sillok/node/winston`: a transport for winston 3. Put it first among the transports: winston hands records on through a
 * stream, and what stands in that stream when a process is killed is lost before it reaches any transport.
 */
import { Writable } from 'node:stream';
import { LEVELS, toLevel, type Level } from '@sillok/record';
import { EMPTY_FRAGMENT } from './fields.js';
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

/** `winston.createLogger({ transports: [sillokWinston()] })` */
export function sillokWinston(options: WinstonTransportOptions = {}): Writable {
  const { levels, ...rest } = options;
  const { runtime } = sillok(rest);
  return new Writable({
    objectMode: true,
    write: (info: WinstonInfo, _encoding, done) => {
      writeInfo(runtime, info, levels);
      done();
    },
    final: (done) => {
      runtime.syncNow();
      done();
    },
  });
}

function writeInfo(runtime: Runtime, info: WinstonInfo, levels: WinstonTransportOptions['levels']): void {
  const { level, message, timestamp: _, stack, ...fields } = info;
  const own = info[LEVEL];
  const name = typeof own === 'string' ? own : level;
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
  return steps[Math.min(steps.length - 1, Math.round((priority / Math.max(highest, 1)) * (steps.length - 1)))] ?? 'info';
}
