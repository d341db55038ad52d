/**
 * The continuous mode: what the audit trail says of now is brought into the second database within seconds.
 *
 * Its position is a moment of the server's own clock: everything that was received up to it is there. A record that arrives late, from a
 * service that was cut off, is received late and so is seen. Records say which entities to look at; how they are is folded from all that
 * is known of them, so that a late record never brings back an old state. Killed, it goes on from its position, and does again what it
 * cannot know to be done: that changes nothing.
 *
 * What the sink does not take is remembered by name and tried again at every beat, and the rest goes on.
 */
import type { Logger } from '@sillok/node';
import { FOLLOW_BEAT_MS, FOLLOW_IDS_TOLD, FOLLOW_INTERVAL_MS, FOLLOW_LEFT_MAX } from '../limits.js';
import type { Replay, SinkRefusal } from './define.js';
import { driftOf } from './drift.js';
import { Images } from './images.js';
import { mend, type Mended } from './mend.js';
import { PositionFile, type Position } from './position.js';
import { signOf } from './sign.js';
import { quoted, type Source } from './source.js';

export interface FollowOptions {
  readonly replay: Replay;
  readonly source: Source;
  /** Folder of the positions. */
  readonly root: string;
  /** Where to begin when there is no position yet. Default: now. */
  readonly from?: string | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly intervalMs?: number;
  /** After each look: how many were mended, and how far behind it was. */
  readonly onLook?: (look: Look) => void;
}

export interface Look extends Position {
  readonly mended: number;
  /** From the receipt of the oldest change that was not in the second database until now; 0 when nothing was new. */
  readonly lagMs: number;
}

/** Resolves when it is stopped, with where it stands. */
export async function follow(options: FollowOptions): Promise<Position> {
  const { replay, root, from, signal, logger, onLook, intervalMs = FOLLOW_INTERVAL_MS } = options;
  const file = new PositionFile(root, replay.name);
  let now: Position = file.read() ?? { position: from ?? new Date().toISOString(), left: [] };
  const sign = signOf(replay, { mode: 'follow', beatMs: FOLLOW_BEAT_MS });
  let beatMs = Number.NEGATIVE_INFINITY;
  let mended = 0;
  while (!signal.aborted) {
    const isBeat = performance.now() - beatMs > FOLLOW_BEAT_MS;
    try {
      const look = await lookOnce(options, now, isBeat);
      const { position, left, lagMs } = look;
      now = { position, left };
      mended += look.mended;
      await file.write(now);
      onLook?.(look);
      if (look.mended > 0 || isBeat) {
        beatMs = performance.now();
        const counts = { 'replay.mended': mended, 'replay.left': left.length, 'replay.lag_ms': lagMs };
        const fields = { ...sign, 'event.name': 'replay.progress', ...counts };
        logger.info(fields, `${replay.name} is ${lagMs} ms behind`);
      }
    } catch (error) {
      if (signal.aborted) break;
      // All since its position may be missing there.
      const lagMs = Math.max(0, Date.now() - Date.parse(now.position));
      const fields = { ...sign, 'event.name': 'replay.failed', 'replay.lag_ms': lagMs, err: error };
      logger.error(fields, `${replay.name} cannot go on: it tries again`);
    }
    await pause(intervalMs, signal);
  }
  // Who stops it says so; who does not is missed.
  logger.info({ ...sign, 'event.name': 'replay.stopped' }, `${replay.name} was stopped`);
  return now;
}

async function lookOnce(options: FollowOptions, before: Position, isBeat: boolean): Promise<Look> {
  const { replay, source, signal } = options;
  const { position } = before;
  const kind = `kind:audit audit.outcome:committed audit.entity.type:${quoted(replay.entity)}`;
  const images = new Images();
  let next = position;
  let oldestMs = Number.POSITIVE_INFINITY;
  // `>=`: two records of one moment must not be parted. What is seen twice changes nothing.
  for await (const page of source.pages({ q: `${kind} observed_time:>=${quoted(position)}` })) {
    if (next === position) next = page.visibleThrough;
    for (const record of page.records) {
      images.add(record);
      oldestMs = Math.min(oldestMs, Date.parse(record.observed_time ?? record.time));
    }
  }
  const again = isBeat ? before.left.map(({ id }) => id) : [];
  const ids = [...new Set([...images.all.keys(), ...again])];
  const report = ids.length === 0 ? undefined : await driftOf(replay, source, { ids });
  const drifts = report?.drifts ?? [];
  const isNew = drifts.some(({ id }) => images.all.has(id));
  const lagMs = isNew ? Math.max(0, Date.now() - oldestMs) : 0;
  const mended = report === undefined ? undefined : await mend({ replay, source, signal }, report);
  const differing = mended === undefined ? [] : reasonsOf(mended);
  tellLeft(options, before, differing);
  const untouched = before.left.filter(({ id }) => !ids.includes(id));
  return {
    mended: drifts.length - differing.length,
    lagMs,
    position: next > position ? next : position,
    left: [...untouched, ...differing].slice(0, FOLLOW_LEFT_MAX),
  };
}

/** What differs still. The sink said why, or took it and does not hold it as it was written. */
function reasonsOf({ left, refused }: Mended): SinkRefusal[] {
  const reasons = new Map(refused.map(({ id, reason }) => [id, reason]));
  return left.map(({ id }) => ({ id, reason: reasons.get(id) ?? 'written, and it differs still' }));
}

/** Once for each: what was told before is tried again in silence. */
function tellLeft({ replay, logger }: FollowOptions, before: Position, left: readonly SinkRefusal[]): void {
  const known = new Set(before.left.map(({ id }) => id));
  const told = left.filter(({ id }) => !known.has(id));
  const [first] = told;
  if (first === undefined) return;
  const fields = {
    ...signOf(replay, { mode: 'follow', beatMs: FOLLOW_BEAT_MS }),
    'event.name': 'replay.drift',
    'replay.ids': told.slice(0, FOLLOW_IDS_TOLD).map(({ id }) => id),
  };
  const text = `${told.length} differ still after they were written (${replay.name}): ${first.id}: ${first.reason}`;
  logger.error(fields, text);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
