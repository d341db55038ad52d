/** The command line of replays: `list`, `drift`, `run`, `follow`, `check`, `jobs`. Started by `sillok replay …`. */
import { parseArgs } from 'node:util';
import { getLogger } from '@sillok/node';
import { ScriptError } from '../errors.js';
import { REPLAY_ROOT_DEFAULT } from '../filenames.js';
import { CHECK_MINUTES_DEFAULT, JOB_MINUTES_DEFAULT } from '../limits.js';
import type { ScriptsIo } from '../script/cli.js';
import type { Replay } from './define.js';
import { disagrees, driftOf, type DriftReport, type Scope } from './drift.js';
import { follow } from './follow.js';
import { lostJobs } from './jobs.js';
import { mend } from './mend.js';
import { countsText, jobsText, refusedText, reportText } from './report-text.js';
import { signOf, type SignOptions } from './sign.js';
import { quoted, serverSource, type Source } from './source.js';

const FLAGS = {
  from: { type: 'string' },
  to: { type: 'string' },
  id: { type: 'string', multiple: true },
  gap: { type: 'string' },
  apply: { type: 'boolean' },
  every: { type: 'string' },
  once: { type: 'boolean' },
  'older-than': { type: 'string' },
  json: { type: 'boolean' },
} as const;

const USAGE = `replay list                 the second databases, each with what it is compared with
replay drift NAME           where it differs from the audit trail; changes nothing
replay run NAME --apply     writes what differs, and looks again
replay follow NAME          goes on for ever: brings over each change within seconds
replay check NAME           looks every ${CHECK_MINUTES_DEFAULT} minutes and speaks up when they differ
replay status               all replays that the server has heard of: state, lag, last check
replay jobs                 jobs that were enqueued and never consumed

  --from, --to <time>     entities that were changed in this range: -1d, 2026-11-21
  --id <id>               these entities only; may be repeated
  --gap <p/b/from-to>     entities in these records: producer/boot/seq-seq
  --every <minutes>       of check
  --once                  check once: for cron
  --older-than <minutes>  of jobs (${JOB_MINUTES_DEFAULT})
  --json                  the result in JSON`;

/** Exit code: 0 they agree, 1 it could not be found out, 2 usage, 5 they differ (or did when `follow` was stopped), 130 stopped. */
export async function runReplays(
  replays: readonly Replay[],
  words: readonly string[],
  io: ScriptsIo,
): Promise<number> {
  try {
    return await dispatch(replays, words, io);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    io.out.write(`${error.message}\n${error.help}\n`);
    return error.code === 'usage' || error.code === 'not_found' ? 2 : 1;
  }
}

async function dispatch(
  replays: readonly Replay[],
  words: readonly string[],
  io: ScriptsIo,
): Promise<number> {
  const [command, ...rest] = words;
  const { flags, name } = readFlags(rest);
  const source = serverSource({ url: io.env['SILLOK_URL'] ?? DEFAULT_URL, key: io.env['SILLOK_KEY'] });
  const asked = { flags, source, io };
  switch (command) {
    case 'list':
      io.out.write(`${replays.map(listed).join('\n\n')}\n`);
      return 0;
    case 'drift':
      return report(mustFind(replays, name), asked);
    case 'run':
      return flags.apply === true
        ? apply(mustFind(replays, name), asked)
        : report(mustFind(replays, name), asked);
    case 'follow':
      return followOne(mustFind(replays, name), asked);
    case 'check':
      return check(mustFind(replays, name), asked);
    case 'jobs': {
      const olderThanMinutes = numberOf(flags['older-than'], JOB_MINUTES_DEFAULT);
      const jobs = await lostJobs(source, { from: flags.from, to: flags.to, olderThanMinutes });
      io.out.write(flags.json === true ? `${JSON.stringify({ jobs })}\n` : `${jobsText(jobs)}\n`);
      return jobs.length === 0 ? 0 : EXIT_DIFFERS;
    }
    default:
      io.out.write(`${USAGE}\n`);
      return command === undefined || command === 'help' ? 0 : 2;
  }
}

const DEFAULT_URL = 'http://127.0.0.1:4318';
const EXIT_DIFFERS = 5;
const EXIT_STOPPED = 130;

type Flags = ReturnType<typeof readFlags>['flags'];

interface AskedOf {
  readonly flags: Flags;
  readonly source: Source;
  readonly io: ScriptsIo;
}

async function report(replay: Replay, { flags, source, io }: AskedOf): Promise<number> {
  const found = await driftOf(replay, source, scopeOf(flags));
  if (flags.json === true) io.out.write(`${JSON.stringify(found)}\n`);
  else {
    io.out.write(`${reportText(replay, found)}\n`);
    if (found.drifts.length > 0)
      io.out.write(`\nNothing was changed. To mend it: replay run ${replay.name} … --apply\n`);
  }
  return disagrees(replay, found) ? EXIT_DIFFERS : 0;
}

async function apply(replay: Replay, { flags, source, io }: AskedOf): Promise<number> {
  const found = await driftOf(replay, source, scopeOf(flags));
  if (flags.json !== true) io.out.write(`${reportText(replay, found)}\n`);
  const { signal } = io;
  const mended = await mend({ replay, source, signal }, found);
  tell(replay, found, { mode: 'run', event: 'replay.mended' });
  if (flags.json === true) io.out.write(`${JSON.stringify({ ...found, ...mended })}\n`);
  else {
    const { written, deleted, left, refused } = mended;
    const after = left.length === 0 ? 'they agree now' : `${left.length} differ still, or again`;
    io.out.write(`${written} written, ${deleted} deleted; ${after}\n${refusedText(refused)}`);
  }
  return mended.left.length === 0 ? 0 : EXIT_DIFFERS;
}

async function followOne(replay: Replay, { flags, source, io }: AskedOf): Promise<number> {
  const root = io.env['SILLOK_REPLAY_DIR'] ?? REPLAY_ROOT_DEFAULT;
  const { signal } = io;
  const { left } = await follow({
    replay,
    source,
    root,
    from: flags.from,
    logger: getLogger(),
    signal,
    onLook: ({ mended, lagMs }) => {
      if (mended > 0)
        io.out.write(`${new Date().toISOString()}  ${mended} brought over, ${lagMs} ms after receipt\n`);
    },
  });
  io.out.write(refusedText(left));
  return left.length === 0 ? EXIT_STOPPED : EXIT_DIFFERS;
}

/** Speaks up through the log of the service: an error there is an alert, with all its ways to people. */
async function check(replay: Replay, { flags, source, io }: AskedOf): Promise<number> {
  const isOnce = flags.once === true;
  const everyMs = numberOf(flags.every, CHECK_MINUTES_DEFAULT) * 60_000;
  const sign = { mode: 'check', beatMs: isOnce ? undefined : everyMs } as const;
  for (;;) {
    let differs = true;
    try {
      const found = await driftOf(replay, source, scopeOf(flags));
      differs = disagrees(replay, found);
      io.out.write(`${new Date().toISOString()}  ${countsText(found.drifts, found.onlyThere)}\n`);
      tell(replay, found, { ...sign, event: differs ? 'replay.drift' : 'replay.checked' });
    } catch (error) {
      if (isOnce) throw error;
      cannotCheck(replay, { sign, error, io });
    }
    if (isOnce) return differs ? EXIT_DIFFERS : 0;
    if (!(await (io.waits ?? waits)(everyMs, io.signal))) continue;
    getLogger().info(
      { ...signOf(replay, sign), 'event.name': 'replay.stopped' },
      `${replay.name} was stopped`,
    );
    return EXIT_STOPPED;
  }
}

interface Failed {
  readonly sign: SignOptions;
  readonly error: unknown;
  readonly io: ScriptsIo;
}

/** A server or a sink that is away for a moment ends no check on a schedule: it says so, and looks again at its time. */
function cannotCheck(replay: Replay, { sign, error, io }: Failed): void {
  const reason = error instanceof Error ? error.message : String(error);
  io.out.write(`${new Date().toISOString()}  it could not be found out: ${reason}\n`);
  const fields = { ...signOf(replay, sign), 'event.name': 'replay.failed', err: error };
  getLogger().error(fields, `${replay.name} could not be checked: it tries again`);
}

interface Told extends SignOptions {
  readonly event: 'replay.drift' | 'replay.checked' | 'replay.mended';
}

function tell(replay: Replay, { drifts, compared, onlyThere }: DriftReport, { event, ...sign }: Told): void {
  const { name, sink } = replay;
  const counted = (kind: string): number => drifts.filter((each) => each.kind === kind).length;
  const fields = {
    ...signOf(replay, sign),
    'event.name': event,
    'replay.compared': compared,
    'replay.missing': counted('missing'),
    'replay.stale': counted('stale'),
    'replay.not_deleted': counted('not_deleted'),
    'replay.ids': drifts.slice(0, 20).map(({ id }) => id),
    ...(onlyThere === undefined ? {} : { 'replay.only_there': onlyThere.count }),
  };
  if (event === 'replay.drift')
    getLogger().error(fields, `${sink.name} disagrees with the audit trail (${name})`);
  else
    getLogger().info(
      fields,
      event === 'replay.checked'
        ? `${name}: they agree`
        : `${name}: ${countsText(drifts, undefined)}, mended`,
    );
}

/** True when it was stopped meanwhile. */
function waits(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      resolve(signal.aborted);
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}

function scopeOf({ from, to, id, gap }: Flags): Scope {
  return { from, to, ids: id, q: gap === undefined ? undefined : gapText(gap) };
}

/** `orders-7f/018f/5-9` */
function gapText(gap: string): string {
  const match = /^(.+)\/([^/]+)\/(\d+)-(\d+)$/.exec(gap);
  if (match === null) throw usage(`"${gap}" is no gap`, 'Write it as producer/boot/from-to.');
  const [, producer = '', boot = '', from = '', to = ''] = match;
  return `producer:${quoted(producer)} boot:${quoted(boot)} seq:>=${from} seq:<=${to}`;
}

function readFlags(words: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...words], options: FLAGS, allowPositionals: true });
    return { flags: values, name: positionals[0] };
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error), USAGE);
  }
}

function numberOf(text: string | undefined, preset: number): number {
  if (text === undefined) return preset;
  const count = Number(text);
  if (!(count > 0)) throw usage(`"${text}" is no number of minutes`, USAGE);
  return count;
}

function mustFind(replays: readonly Replay[], name: string | undefined): Replay {
  const found = replays.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new ScriptError(
    'not_found',
    name === undefined ? 'Which one?' : `There is no replay "${name}".`,
    `There are: ${replays.map((each) => each.name).join(', ')}.`,
  );
}

function listed({ name, description, entity, sink, owner }: Replay): string {
  const who = owner === undefined ? '' : `, owner ${owner}`;
  return `${name}  (${entity} → ${sink.name}${who})\n  ${description}`;
}

function usage(problem: string, help: string): ScriptError {
  return new ScriptError('usage', `${problem}.`, help);
}
