/**
 * What people decided about errors, by fingerprint: resolved, ignored, given to somebody. Kept as settings, so each change is an
 * audit record. An error nobody has touched is open and has no entry here.
 *
 * A resolved error comes back by itself: on arrival (`seen`, which writes it down, and tells alerts), and when a list finds records
 * of it after the moment of resolving (`shown`, for errors that alerts do not look at).
 */
import type { ErrorLife, ErrorState } from '@sillok/api';
import { z } from 'zod';

import type { Log } from '../log.js';
import { createShelf, type Shelf, type Shelved } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';
import { ERROR_RELEASES_MAX } from './limits.js';

const lifeShape = z.object({
  state: z.enum(['open', 'resolved', 'ignored']),
  /** Since when, in the form of record times; who decided it stands in `by`. */
  at: z.string(),
  by: z.string(),
  service: z.string(),
  title: z.string(),
  /** Id of a user; empty for nobody. */
  assignee: z.string().default(''),
  /** Resolved: only a release that is not among these opens it again. Absent: any record does. */
  releases: z.array(z.string()).max(ERROR_RELEASES_MAX).optional(),
  /** Ignored until this time, and until so many arrived; neither: until somebody opens it. */
  ignored_until: z.string().optional(),
  ignored_through: z.number().optional(),
  came_back: z.object({ at: z.string(), release: z.string() }).optional(),
});

export type StoredLife = z.output<typeof lifeShape>;

/** An error that arrives: of which there were `count` since the server knows it. */
export interface Sighting {
  readonly project: string;
  readonly fingerprint: string;
  /** Of the record. */
  readonly time: string;
  readonly release: string;
  readonly count: number;
}

/** What a list found of a group within its range. */
export interface Found {
  readonly last: string;
  readonly releases: readonly { readonly version: string; readonly first: string }[];
}

export interface ErrorLives {
  readonly shelf: Shelf<StoredLife>;
  /** `quiet`: people want to hear nothing of it. `came_back`: it was resolved until now. */
  seen(sighting: Sighting, nowMs: number): 'ordinary' | 'quiet' | 'came_back';
  shown(at: { project: string; fingerprint: string }, found: Found, nowMs: number): ErrorLife;
  /** How many of it arrived since the server knows it; told by whoever counts. */
  counted: (project: string, fingerprint: string) => number;
}

export interface ErrorLivesOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly nameOf: (actor: string) => string;
  readonly userName: (userId: string) => string | undefined;
}

export function createErrorLives({ settings, log, nameOf, userName }: ErrorLivesOptions): ErrorLives {
  const shelf = createShelf<StoredLife>(settings, 'error', lifeShape);
  /** Of errors whose return could not be written down: it is not tried again at each of their records. */
  const unwritten = new Set<string>();

  function comeBack(known: Shelved<StoredLife>, { time, release }: Sighting): void {
    const name = `${known.project}\n${known.id}\n${known.value.at}`;
    if (unwritten.has(name)) return;
    const { releases: _, ...kept } = known.value;
    const value: StoredLife = { ...kept, state: 'open', at: time, by: 'server' };
    const message = `error came back in ${release === '' ? 'an unnamed release' : release}: ${kept.title}`;
    try {
      shelf.put(known, { ...value, came_back: { at: time, release } }, { message, actor: 'server' });
    } catch (error) {
      unwritten.add(name);
      log.error('an error came back, but that could not be written down; lists find it all the same', {
        fingerprint: known.id,
        error,
      });
    }
  }

  const lives: ErrorLives = {
    shelf,
    counted: () => 0,
    seen(sighting, nowMs) {
      const { project, fingerprint, time, release } = sighting;
      const known = shelf.get(project, fingerprint);
      if (known === undefined || known.value.state === 'open') return 'ordinary';
      if (known.value.state === 'ignored')
        return isIgnored(known.value, { count: sighting.count, nowMs }) ? 'quiet' : 'ordinary';
      if (!opens(known.value, { time, release })) return 'quiet';
      comeBack(known, sighting);
      return 'came_back';
    },
    shown({ project, fingerprint }, found, nowMs) {
      const known = shelf.get(project, fingerprint);
      if (known === undefined) return UNTOUCHED;
      const { value } = known;
      const count = lives.counted(project, fingerprint);
      const state = stateOf(value, { count, nowMs });
      const again = state === 'resolved' ? returnOf(value, found) : undefined;
      const name = userName(value.assignee);
      return {
        state: again === undefined ? state : 'open',
        since: again?.at ?? value.at,
        by: again !== undefined || value.by === 'server' ? null : nameOf(value.by),
        assignee: name === undefined ? null : { id: value.assignee, name },
        came_back: again ?? value.came_back ?? null,
        until:
          state !== 'resolved' || again !== undefined
            ? null
            : value.releases === undefined
              ? 'recurs'
              : 'next_release',
        ignored_until: state === 'ignored' ? (value.ignored_until ?? null) : null,
        ignored_more:
          state === 'ignored' && value.ignored_through !== undefined
            ? Math.max(0, value.ignored_through - count)
            : null,
      };
    },
  };
  return lives;
}

const UNTOUCHED: ErrorLife = {
  state: 'open',
  since: null,
  by: null,
  assignee: null,
  came_back: null,
  until: null,
  ignored_until: null,
  ignored_more: null,
};

interface Moment {
  readonly count: number;
  readonly nowMs: number;
}

function stateOf(value: StoredLife, moment: Moment): ErrorState {
  return value.state === 'ignored' && !isIgnored(value, moment) ? 'open' : value.state;
}

/** Whichever of its ends comes first ends it. */
function isIgnored(value: StoredLife, { count, nowMs }: Moment): boolean {
  const { ignored_until: until, ignored_through: through } = value;
  if (until !== undefined && Date.parse(until) <= nowMs) return false;
  return through === undefined || count <= through;
}

/** A record without a release says nothing about a newer one. */
function opens({ at, releases }: StoredLife, seen: { time: string; release: string }): boolean {
  if (seen.time <= at) return false;
  return releases === undefined || (seen.release !== '' && !releases.includes(seen.release));
}

function returnOf(value: StoredLife, { last, releases }: Found): { at: string; release: string } | undefined {
  if (value.releases === undefined)
    return last > value.at ? { at: last, release: releases[0]?.version ?? '' } : undefined;
  const newer = releases.find(({ version, first }) => opens(value, { time: first, release: version }));
  return newer === undefined ? undefined : { at: newer.first, release: newer.version };
}
