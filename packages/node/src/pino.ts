/**
 * `@sillok/node/pino`: a destination for pino, in the process and synchronous. `pino(sillokPino())` is all that changes in
 * an application that uses pino; its lines become records with the context of the request, and survive a SIGKILL.
 */
import { hostname } from 'node:os';
import { levelOfNumber } from './levels.js';
import { makeHead, type Head } from './entry.js';
import { EMPTY_FRAGMENT } from './fragment.js';
import { LEVELS, type Level } from '@sillok/record';
import type { SillokOptions } from './options.js';
import type { Runtime } from './runtime.js';
import { sillok } from './sillok.js';

/** What pino asks of a destination. */
export interface PinoDestination {
  /** By this pino tells a destination from its options when it is the only argument. */
  readonly writable: true;
  write(line: string): void;
  /** pino calls it after a fatal record. */
  flushSync(): void;
  /** Resolves with a flush token once everything is on the disk. */
  flush(): Promise<string>;
  end(): void;
}

export interface PinoOptions extends SillokOptions {
  /** pino's `messageKey`, where the application changed it. */
  readonly messageKey?: string | undefined;
  readonly errorKey?: string | undefined;
}

const HEADS = new Map<Level, Head>(LEVELS.map((level) => [level, makeHead('log', level)]));
const MESSAGE_KEY = 'msg';

export function sillokPino(options: PinoOptions = {}): PinoDestination {
  const { messageKey = MESSAGE_KEY, errorKey = 'err', ...rest } = options;
  const log = sillok(rest);
  const { runtime } = log;
  return {
    writable: true,
    write: (line) => writeLine(runtime, line, { messageKey, errorKey }),
    flushSync: () => runtime.syncNow(),
    flush: () => runtime.flush(),
    end: () => void runtime.close('pino ended'),
  };
}

interface Keys {
  readonly messageKey: string;
  readonly errorKey: string;
}

function writeLine(runtime: Runtime, line: string, keys: Keys): void {
  const parsed = tryParse(line);
  if (parsed === undefined) return writeText(runtime, line);
  const {
    level,
    time: _,
    pid,
    hostname: host,
    [keys.messageKey]: message,
    [keys.errorKey]: error,
    ...fields
  } = parsed;
  const name = typeof level === 'number' ? levelOfNumber(level) : LEVELS.find((each) => each === level);
  const head = HEADS.get(name ?? 'info');
  if (head === undefined) return;
  // pid and host stand in the spool's header; another program's lines piped through here keep theirs.
  const foreign = pid === process.pid && host === hostname() ? {} : { pid, hostname: host };
  runtime.writer.write({
    head,
    message: typeof message === 'string' ? message : '',
    fields: { ...foreign, ...fields, ...exceptionOf(error, keys.errorKey) },
    bindings: EMPTY_FRAGMENT,
  });
}

/** pino has serialized the error already: its parts get the names of the semantic conventions. */
function exceptionOf(error: unknown, key: string): object {
  if (typeof error !== 'object' || error === null) return error === undefined ? {} : { [key]: error };
  // Any object has string keys.
  const { type, message, stack, ...details } = error as { [name: string]: unknown };
  return {
    'exception.type': type,
    'exception.message': message,
    'exception.stacktrace': stack,
    ...(Object.keys(details).length === 0 ? {} : { [key]: details }),
  };
}

function tryParse(line: string): { [key: string]: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return parsed as { [key: string]: unknown }; // an object, as just checked
  } catch {
    return undefined;
  }
}

/** Not JSON: a formatter of the application's own. */
function writeText(runtime: Runtime, line: string): void {
  const head = HEADS.get('info');
  const message = line.endsWith('\n') ? line.slice(0, -1) : line;
  if (head !== undefined)
    runtime.writer.write({ head, message, fields: undefined, bindings: EMPTY_FRAGMENT });
}
