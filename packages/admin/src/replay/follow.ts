/**
 * The continuous mode: what the audit trail says of now is brought into the second database within seconds.
 *
 * Its position is a moment of the server's own clock: everything that was received up to it is there. A record that arrives late, from a
 * service that was cut off, is received late and so is seen. Records say which entities to look at; how they are is folded from all that
 * is known of them, so that a late record never brings back an old state. Killed, it goes on from its position, and does again what it
 * cannot know to be done: that changes nothing.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Logger } from '@sillok/node';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { replayFile } from '../filenames.js';
import { FOLLOW_BEAT_MS, FOLLOW_IDS_TOLD, FOLLOW_INTERVAL_MS } from '../limits.js';
import type { Replay } from './define.js';
import { driftOf } from './drift.js';
import { Images } from './images.js';
import { mend } from './mend.js';
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

export interface Look {
  readonly mended: number;
  /** From the receipt of the oldest change that was not in the second database until now; 0 when nothing was new. */
  readonly lagMs: number;
  readonly position: string;
}

const positionShape = z.object({ position: z.string() });

export async function follow(options: FollowOptions): Promise<void> {
  const { replay, root, from, signal, logger, onLook, intervalMs = FOLLOW_INTERVAL_MS } = options;
  const path = replayFile(root, replay.name);
  mkdirSync(root, { recursive: true });
  let position = readPosition(path) ?? from ?? new Date().toISOString();
  let beatMs = 0;
  let mended = 0;
  while (!signal.aborted) {
    try {
      const look = await lookOnce(options, position);
      position = look.position;
      mended += look.mended;
      writePosition(path, position);
      onLook?.(look);
      if (look.mended > 0 || performance.now() - beatMs > FOLLOW_BEAT_MS) {
        beatMs = performance.now();
        const fields = {
          'event.name': 'replay.progress',
          'replay.name': replay.name,
          'replay.mended': mended,
        };
        logger.info({ ...fields, 'replay.lag_ms': look.lagMs }, `${replay.name} is ${look.lagMs} ms behind`);
      }
    } catch (error) {
      if (signal.aborted) return;
      const fields = { 'event.name': 'replay.failed', 'replay.name': replay.name, err: error };
      logger.error(fields, `${replay.name} cannot go on: it tries again`);
    }
    await pause(intervalMs, signal);
  }
}

async function lookOnce(options: FollowOptions, position: string): Promise<Look> {
  const { replay, source, signal, logger } = options;
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
  const ids = [...images.all.keys()];
  const report = ids.length === 0 ? undefined : await driftOf(replay, source, { ids });
  const drifts = report?.drifts ?? [];
  const lagMs = drifts.length === 0 ? 0 : Math.max(0, Date.now() - oldestMs);
  const left = report === undefined ? [] : (await mend({ replay, source, signal }, report)).left;
  if (left.length > 0) {
    // It goes on all the same: what the second database never gives back as it was written must not hold up the rest.
    const fields = { 'event.name': 'replay.drift', 'replay.name': replay.name };
    const ids = left.slice(0, FOLLOW_IDS_TOLD).map(({ id }) => id);
    logger.error(
      { ...fields, 'replay.ids': ids },
      `${left.length} differ still after they were written (${replay.name})`,
    );
  }
  return { mended: drifts.length, lagMs, position: next > position ? next : position };
}

function readPosition(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return positionShape.parse(JSON.parse(readFileSync(path, 'utf8'))).position;
  } catch {
    throw new ScriptError(
      'position_damaged',
      `The position in ${path} cannot be read, and going on from now could leave something out.`,
      'Look at "replay drift" first, remove the file, and begin with --from.',
    );
  }
}

function writePosition(path: string, position: string): void {
  writeFileSync(`${path}.tmp`, `${JSON.stringify({ position })}\n`);
  renameSync(`${path}.tmp`, path);
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
