/**
 * Alerts, put together: what arrives and what the clock says goes into the book; the book is told to targets and kept on disk.
 *
 * Nothing here may hold up or break ingest: what fails is logged and tried again.
 */
import type { Config } from '../config.js';
import type { DatabaseRoom } from '../database/room.js';
import type { Log } from '../log.js';
import type { RunningQueries } from '../read/running.js';
import { ReplayBook } from '../replay/book.js';
import type { ErrorLives } from '../error-life/lives.js';
import type { RecordState } from '../seams.js';
import type { Settings } from '../settings/settings.js';
import { Arrival } from './arrival.js';
import { AlertBook } from './book.js';
import { Deliveries } from './deliveries.js';
import { Evaluator } from './evaluator.js';
import { QueueFollower } from './follower.js';
import { Incidents } from './incidents.js';
import { KnownErrors, knownId } from './known-errors.js';
import {
  DATABASE_INTERVAL_MS,
  EVALUATE_INTERVAL_MS,
  GAP_INTERVAL_MS,
  QUIET_SAVE_INTERVAL_MS,
  SAVE_INTERVAL_MS,
  TICK_MS,
} from './limits.js';
import { Patterns } from './patterns.js';
import type { Evaluating } from './periodic.js';
import { createRules, type RuleBook } from './rules.js';
import { ScriptRuns } from './script-runs.js';
import { Sources } from './sources.js';
import { readState, writeState, type AlertState } from './state-file.js';
import { createTargets, type Targets } from './targets.js';
import { Watch } from './watch.js';

export interface AlertsOptions {
  readonly config: Config;
  readonly log: Log;
  readonly settings: Settings;
  readonly state: RecordState;
  readonly lives: ErrorLives;
  readonly running: RunningQueries;
  readonly table: () => string;
  readonly databases: DatabaseRoom;
  /** File of the state. */
  readonly path: string;
  readonly baseUrl: () => string;
  readonly nameOf: (actor: string) => string;
  /** Projects that are archived: nothing is told of them. */
  readonly isResting: (project: string) => boolean;
  readonly nowMs?: () => number;
}

export interface Alerts {
  readonly book: AlertBook;
  readonly rules: RuleBook;
  readonly targets: Targets;
  readonly evaluator: Evaluator;
  readonly evaluating: Evaluating;
  readonly replays: ReplayBook;
  /** Something changed by a person: tell it without waiting for the clock, and keep it. */
  nudge(): void;
  /** What the clock does every second, now. For tests, which do not wait. */
  tick(): Promise<void>;
  /** Looks for silence, lag and gaps, now. */
  look(): Promise<void>;
  evaluateNow(): Promise<void>;
  stop(): Promise<void>;
}

export function startAlerts(options: AlertsOptions): Alerts {
  const { config, log, settings, state, lives } = options;
  const nowMs = options.nowMs ?? Date.now;
  const rules = createRules(settings, options.isResting);
  const targets = createTargets(config, settings);
  const memory = openMemory(options, nowMs());
  const { kept, book, known, sources, scripts, patterns, replays, incidents } = memory;
  lives.counted = (project, fingerprint) => known.countOf(knownId(project, fingerprint));
  const arrival = new Arrival({ ...memory, rules, lives });
  const follower = new QueueFollower({
    state,
    last: kept?.last ?? null,
    since: kept?.since,
    seen: kept?.seen ?? [],
    take: (batch) => {
      if (arrival.take(batch, Date.parse(batch.observed_time))) saver.touch();
      else saver.touchQuietly();
    },
  });
  const saver = createSaver({ log, write: () => writeState(options.path, stateOf({ ...memory, follower })) });
  const evaluating: Evaluating = { ...options, patterns };
  const evaluator = new Evaluator({ book, rules, deps: evaluating });
  const watch = new Watch({ book, rules, sources, scripts, replays, state });
  const deliveries = new Deliveries({ ...options, book, rules, targets, nowMs, save: () => saver.saveNow() });

  const clock = createClockwork(log, {
    async tick() {
      const now = nowMs();
      arrival.tick(now);
      const ended = book.resolveQuiet(now, (each) => evaluator.isBlind(each) || deliveries.isUntold(each));
      if (incidents.join(book) || ended.length > 0) saver.touch();
      await saver.save();
      await deliveries.run();
    },
    async look() {
      watch.look(nowMs());
      saver.touch();
    },
    evaluate: () => evaluator.run(nowMs()),
    askDatabases: () => evaluator.askDatabases(nowMs()),
  });
  // At once, so that a kill loses nothing even before the first error; and after what an earlier run had left, so that kills
  // in a row do not outrun the segments that can be read again.
  if (kept === undefined) void saver.saveNow();
  void follower.start().then(
    () => saver.saveNow(),
    (error: unknown) => log.error('alerts could not catch up', { error }),
  );
  return {
    book,
    rules,
    targets,
    evaluator,
    evaluating,
    replays,
    nudge() {
      saver.touch();
      void clock.tick();
    },
    tick: clock.tick,
    look: clock.look,
    evaluateNow: clock.evaluateAll,
    async stop() {
      follower.stop();
      await clock.stop();
      await saver.saveNow();
      targets.close();
    },
  };
}

/** What was known before the restart. */
function openMemory({ path, log, config }: AlertsOptions, nowMs: number) {
  const kept = readState(path, log);
  const book = new AlertBook(config.alertResolveSeconds * 1_000);
  const known = new KnownErrors();
  const sources = new Sources(nowMs);
  const scripts = new ScriptRuns(nowMs);
  const patterns = new Patterns();
  book.load(kept?.alerts ?? []);
  known.load(kept?.known ?? []);
  sources.load(kept?.sources ?? []);
  scripts.load(kept?.scripts ?? []);
  patterns.load(kept?.patterns ?? {});
  const replays = new ReplayBook(nowMs, kept?.replays ?? []);
  // Without the Z, so that it is before every time of the same millisecond.
  const since = kept?.since ?? new Date(nowMs).toISOString().slice(0, -1);
  return { kept, since, book, known, sources, scripts, patterns, replays, incidents: new Incidents() };
}

interface Kept {
  readonly since: string;
  readonly follower: QueueFollower;
  readonly book: AlertBook;
  readonly known: KnownErrors;
  readonly sources: Sources;
  readonly scripts: ScriptRuns;
  readonly patterns: Patterns;
  readonly replays: ReplayBook;
}

function stateOf({ since, follower, book, known, sources, scripts, patterns, replays }: Kept): AlertState {
  return {
    version: 1,
    last: follower.last,
    since,
    seen: follower.seen,
    alerts: book.list(),
    known: known.list(),
    sources: sources.list(),
    scripts: scripts.list(),
    patterns: patterns.toJson(),
    replays: replays.list(),
  };
}

interface Saver {
  /** Something that people see has changed. */
  touch(): void;
  /** Only the position has moved: written with the next change, or at the stop. */
  touchQuietly(): void;
  save(): Promise<void>;
  saveNow(): Promise<void>;
}

function createSaver({ log, write }: { log: Log; write: () => Promise<void> }): Saver {
  let isDirty = false;
  let hasMoved = false;
  let savedMs = 0;
  let running: Promise<void> = Promise.resolve();

  function saveNow(): Promise<void> {
    running = running.then(async () => {
      isDirty = false;
      hasMoved = false;
      savedMs = Date.now();
      await write().catch((error: unknown) => {
        isDirty = true;
        log.error('the state of alerts cannot be written; it is kept in memory', { error });
      });
    });
    return running;
  }
  return {
    touch: () => void (isDirty = true),
    touchQuietly: () => void (hasMoved = true),
    async save() {
      const age = Date.now() - savedMs;
      if ((isDirty && age >= SAVE_INTERVAL_MS) || (hasMoved && age >= QUIET_SAVE_INTERVAL_MS))
        await saveNow();
    },
    saveNow,
  };
}

interface Work {
  readonly tick: () => Promise<void>;
  readonly look: () => Promise<void>;
  readonly evaluate: () => Promise<void>;
  /** Apart from the others: a database that is slow to answer holds up no search. */
  readonly askDatabases: () => Promise<void>;
}

interface Clockwork extends Work {
  evaluateAll(): Promise<void>;
  stop(): Promise<void>;
}

/** Runs each kind of work on its own interval; what is still running is not begun again. */
function createClockwork(log: Log, work: Work): Clockwork {
  const running = new Map<string, Promise<void>>();
  const run = (name: keyof Work): Promise<void> => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const begun = work[name]()
      .catch((error: unknown) => log.error('a round of alerts failed; the next one follows', { name, error }))
      .finally(() => running.delete(name));
    running.set(name, begun);
    return begun;
  };
  const timers = [
    setInterval(() => void run('tick'), TICK_MS),
    setInterval(() => void run('look'), GAP_INTERVAL_MS),
    setInterval(() => void run('evaluate'), EVALUATE_INTERVAL_MS),
    setInterval(() => void run('askDatabases'), DATABASE_INTERVAL_MS),
  ];
  for (const timer of timers) timer.unref();
  return {
    tick: () => run('tick'),
    look: () => run('look'),
    evaluate: () => run('evaluate'),
    askDatabases: () => run('askDatabases'),
    async evaluateAll() {
      await Promise.all([run('evaluate'), run('askDatabases')]);
    },
    async stop() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(running.values());
    },
  };
}
