/**
 * `@sillok/node/test`: assertions on what a program records, without a server, a disk or a sleep.
 *
 * The logger is the real one, with redaction, context and limits; only its lines go into memory. Records have the shape in
 * which the API answers them.
 */
import { newBoot, decodeRecord, toEnvelope, type Envelope } from '@sillok/record';
import { TEST_WAIT_MS_DEFAULT } from './limits.js';
import type { Logger } from './logger.js';
import { OpenRequests } from './open-requests.js';
import { resolveSettings, type SillokOptions } from './options.js';
import { Recorder } from './recorder.js';
import { Runtime } from './runtime.js';
import { getContext, setContext } from './scope.js';
import { loggerOf } from './sillok.js';
import { memorySink } from './sinks.js';

/** Parts of a record that must be equal, at any depth; or a question. */
export type Match = ((record: Envelope) => boolean) | { readonly [field: string]: unknown };

export interface TestLog {
  readonly log: Logger;
  /** All records so far, in order. */
  records(match?: Match): Envelope[];
  /** The lines as they would stand in the file. */
  lines(): readonly string[];
  clear(): void;
  /** The first record that matches; throws, with what was recorded, when there is none. */
  assertLogged(match: Match): Envelope;
  assertNotLogged(match: Match): void;
  /** Resolves with the first record that matches, now or when it comes. */
  logged(match: Match, options?: { readonly timeoutMs?: number }): Promise<Envelope>;
}

export function createTestLog(options: SillokOptions = {}): TestLog {
  const settings = { ...resolveSettings({ level: 'trace', ...options }), url: undefined, heartbeatMs: 0 };
  const sink = memorySink();
  const producer = 'test';
  const recorder = new Recorder({ sink, producer, boot: newBoot(), resource: settings.resource });
  const runtime = new Runtime({ settings, recorder, requests: new OpenRequests(undefined) });
  const waiting = new Set<(record: Envelope) => void>();
  sink.onLine = (line) => {
    if (waiting.size === 0) return;
    const record = envelopeOf(line, recorder);
    for (const tell of waiting) tell(record);
  };
  const records = (match?: Match): Envelope[] => {
    const all = sink.lines.map((line) => envelopeOf(line, recorder));
    return match === undefined ? all : all.filter((record) => matches(record, match));
  };
  return {
    log: loggerOf(runtime, settings),
    records,
    lines: () => sink.lines,
    clear: () => void sink.lines.splice(0),
    assertLogged: (match) => {
      const [found] = records(match);
      if (found === undefined)
        throw new Error(`no record matches ${describe(match)}; recorded were:\n${listed(records())}`);
      return found;
    },
    assertNotLogged: (match) => {
      const found = records(match);
      if (found.length > 0)
        throw new Error(`${found.length} records match ${describe(match)}:\n${listed(found)}`);
    },
    logged: (match, { timeoutMs = TEST_WAIT_MS_DEFAULT } = {}) => {
      const [found] = records(match);
      return found === undefined ? firstOf({ waiting, match, timeoutMs, records }) : Promise.resolve(found);
    },
  };
}

interface Wait {
  readonly waiting: Set<(record: Envelope) => void>;
  readonly match: Match;
  readonly timeoutMs: number;
  readonly records: () => Envelope[];
}

function firstOf({ waiting, match, timeoutMs, records }: Wait): Promise<Envelope> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      clearTimeout(timer);
      waiting.delete(tell);
    };
    const tell = (record: Envelope): void => {
      if (!matches(record, match)) return;
      finish();
      resolve(record);
    };
    const timer = setTimeout(() => {
      finish();
      reject(new Error(`no record matched ${describe(match)} within ${timeoutMs} ms:\n${listed(records())}`));
    }, timeoutMs);
    waiting.add(tell);
  });
}

/** Watches that no request's context gets into another's records. */
export interface LeakCanary {
  /** Marks the current request. The answer belongs into a variable of the request's own, beside the context. */
  enter(): string;
  /** Records the mark of the variable beside the mark of the context. */
  sing(log: Logger, mark: string): void;
  /** Records whose two marks differ: fields of a stranger, or none at all. */
  strangers(): Envelope[];
}

const MARK = 'canary.context';
const EXPECTED = 'canary.variable';

export function createLeakCanary(testLog: TestLog): LeakCanary {
  let count = 0;
  return {
    enter: () => {
      count += 1;
      const mark = `canary-${count}`;
      setContext({ [MARK]: mark });
      return mark;
    },
    sing: (log, mark) => log.info({ [EXPECTED]: mark }, 'canary'),
    strangers: () =>
      testLog.records((record) => {
        const canary = record.attributes['canary'];
        if (typeof canary !== 'object' || canary === null || Array.isArray(canary)) return false;
        return Reflect.get(canary, 'context') !== Reflect.get(canary, 'variable');
      }),
  };
}

/** Fields of the current context, for assertions. */
export { getContext };
export { TOKEN_HEADER } from './token.js';

function envelopeOf(line: string, recorder: Recorder): Envelope {
  const record = decodeRecord(line);
  const { producer, boot, resource } = recorder;
  return toEnvelope(record, { project: 'test', producer, boot, resource, observed_time: record.time });
}

function matches(record: Envelope, match: Match): boolean {
  return typeof match === 'function' ? match(record) : contains(record, match);
}

/** Every part of `part` is in `whole`; arrays must be equal as a whole. Depth is that of the caller's literal. */
function contains(whole: unknown, part: unknown): boolean {
  if (part instanceof RegExp) return typeof whole === 'string' && part.test(whole);
  if (typeof part !== 'object' || part === null) return Object.is(whole, part);
  if (typeof whole !== 'object' || whole === null) return false;
  if (Array.isArray(part)) return JSON.stringify(whole) === JSON.stringify(part);
  return Object.entries(part).every(([key, value]) => contains(Reflect.get(whole, key), value));
}

function describe(match: Match): string {
  return typeof match === 'function' ? match.toString() : JSON.stringify(match, shown);
}

function shown(_key: string, value: unknown): unknown {
  return value instanceof RegExp ? value.toString() : value;
}

function listed(records: readonly Envelope[]): string {
  const lines = records.map(({ level, kind, message, attributes }) =>
    JSON.stringify({ level, kind, message, attributes }),
  );
  return lines.length === 0 ? '  (nothing)' : lines.map((line) => `  ${line}`).join('\n');
}
