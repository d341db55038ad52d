/**
 * Which replays there are, how far behind each is, and which one has fallen silent: read from the records that `sillok replay
 * follow` and `check` write, as they arrive. The programs run elsewhere, so what is known here is what they said last; each says
 * when it will speak again, and one that does not is missed.
 */
import type { ReplayFoundShape, ReplayShape } from '@sillok/api';
import { writeValue, type Row } from '@sillok/query';
import type { FlatRecord } from '@sillok/record';

import type { Says } from '../alert/titles.js';
import { textOf } from '../analysis/compare/fingerprint.js';
import {
  REPLAY_GRACE_MS_MAX,
  REPLAY_GRACE_MS_MIN,
  REPLAY_LAG_LASTS_MS,
  REPLAY_LAG_MS_MIN,
  REPLAY_TEXT_CHARS_MAX,
  REPLAYS_MAX,
} from './limits.js';

export interface HeardReplay {
  readonly project: string;
  readonly name: string;
  readonly mode: 'follow' | 'check';
  readonly service: string;
  readonly entity: string;
  readonly sink: string;
  readonly owner: string | null;
  readonly last: 'running' | 'failing' | 'stopped';
  readonly heardMs: number;
  /** Within which time it speaks again; 0: it did not say. */
  readonly beatMs: number;
  readonly lagMs: number | null;
  /** Since when it says that it is far behind, or fails. */
  readonly lagSinceMs: number | null;
  readonly found: ReplayFoundShape | null;
  /** Of one that follows: what its sink does not take. */
  readonly left: number | null;
}

interface Named {
  readonly project: string;
  readonly mode: string;
  readonly name: string;
}

export class ReplayBook {
  readonly #byName = new Map<string, HeardReplay>();
  /** Silence is counted from here: while the server was down it heard nobody. */
  readonly #sinceMs: number;

  constructor(sinceMs: number, kept: readonly HeardReplay[]) {
    this.#sinceMs = sinceMs;
    for (const replay of kept) this.#byName.set(keyOf(replay), replay);
  }

  list(): readonly HeardReplay[] {
    return [...this.#byName.values()];
  }

  find(named: Named): HeardReplay | undefined {
    return this.#byName.get(keyOf(named));
  }

  forget(replay: HeardReplay): void {
    this.#byName.delete(keyOf(replay));
  }

  hear({ record, context }: Row, nowMs: number): void {
    const event = textOf(record, 'event.name');
    const mode = textOf(record, 'replay.mode');
    const name = textOf(record, 'replay.name');
    if (!event.startsWith('replay.') || (mode !== 'follow' && mode !== 'check')) return;
    if (name === '' || name.length > REPLAY_TEXT_CHARS_MAX) return;
    const { project, resource } = context;
    const key = keyOf({ project, mode, name });
    const before = this.#byName.get(key);
    const lagMs = event === 'replay.stopped' ? (before?.lagMs ?? null) : numberOf(record, 'replay.lag_ms');
    const last = event === 'replay.failed' ? 'failing' : event === 'replay.stopped' ? 'stopped' : 'running';
    const isBehind = last === 'failing' || (last === 'running' && (lagMs ?? 0) >= REPLAY_LAG_MS_MIN);
    // The newest stands last, so that the first is the one to forget.
    this.#byName.delete(key);
    this.#byName.set(key, {
      ...{ project, name, mode, last },
      ...{
        service: cut(String(resource['service.name'] ?? '')),
        entity: cut(textOf(record, 'replay.entity')),
      },
      ...{ sink: cut(textOf(record, 'replay.sink')), owner: cut(textOf(record, 'replay.owner')) || null },
      ...{ heardMs: nowMs, beatMs: numberOf(record, 'replay.beat_ms') ?? 0, lagMs },
      lagSinceMs: isBehind ? (before?.lagSinceMs ?? nowMs) : null,
      found: foundIn(record) ?? before?.found ?? null,
      left: numberOf(record, 'replay.left') ?? before?.left ?? null,
    });
    const [oldest] = this.#byName.keys();
    if (this.#byName.size > REPLAYS_MAX && oldest !== undefined) this.#byName.delete(oldest);
  }

  /** Why somebody must look at it now, as a sentence. */
  problemOf(replay: HeardReplay, nowMs: number): Pick<Says, 'code' | 'values'> | undefined {
    const { last, lagMs, lagSinceMs, heardMs } = replay;
    if (this.#isSilent(replay, nowMs))
      return { code: 'replay_silent', values: [secondsOf(nowMs - heardMs), new Date(heardMs).toISOString()] };
    if (lagSinceMs === null || nowMs - lagSinceMs < REPLAY_LAG_LASTS_MS) return undefined;
    if (last === 'failing') return { code: 'replay_failing', values: [new Date(lagSinceMs).toISOString()] };
    return { code: 'replay_behind', values: [secondsOf(lagMs ?? 0)] };
  }

  silentMs({ heardMs }: HeardReplay, nowMs: number): number {
    return Math.max(0, nowMs - heardMs);
  }

  shown(replay: HeardReplay, nowMs: number): ReplayShape {
    const { name, mode, service, entity, sink, owner, last, heardMs, lagMs, found, left } = replay;
    const isBehind = last === 'running' && (lagMs ?? 0) >= REPLAY_LAG_MS_MIN;
    const state = this.#isSilent(replay, nowMs) ? 'silent' : isBehind ? 'behind' : last;
    const heard_at = new Date(heardMs).toISOString();
    return { name, mode, service, entity, sink, owner, state, heard_at, lag_ms: lagMs, found, left };
  }

  /** One that was stopped said so. */
  #isSilent({ last, beatMs, heardMs }: HeardReplay, nowMs: number): boolean {
    if (last === 'stopped' || beatMs === 0) return false;
    const graceMs = Math.min(Math.max(2 * beatMs, REPLAY_GRACE_MS_MIN), REPLAY_GRACE_MS_MAX);
    return nowMs - Math.max(heardMs, this.#sinceMs) > beatMs + graceMs;
  }
}

/** The search that shows what it said. */
export function replaySearch({ name, mode }: Pick<HeardReplay, 'name' | 'mode'>): string {
  return `event.name:replay.* replay.name:${writeValue(name)} replay.mode:${mode}`;
}

function foundIn(record: FlatRecord): ReplayFoundShape | undefined {
  const compared = numberOf(record, 'replay.compared');
  if (compared === null) return undefined;
  const counted = (name: string): number => numberOf(record, name) ?? 0;
  return {
    at: record.time,
    compared,
    missing: counted('replay.missing'),
    stale: counted('replay.stale'),
    not_deleted: counted('replay.not_deleted'),
    only_there: numberOf(record, 'replay.only_there'),
  };
}

function numberOf(record: FlatRecord, name: string): number | null {
  const value = record[name] ?? record.attributes?.[name];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function keyOf({ project, mode, name }: Named): string {
  return `${project}\n${mode}\n${name}`;
}

function cut(text: string): string {
  return text.slice(0, REPLAY_TEXT_CHARS_MAX);
}

function secondsOf(ms: number): string {
  return String(Math.round(ms / 1000));
}
