/**
 * Storm notices: when one signature of an app occurs too often, over all its pages together, exactly one record says so and
 * names the component, the release and the sessions. Open storms are kept in a small file, so that a restart in the middle
 * of one neither forgets the notice nor repeats it.
 */
import { createHash } from 'node:crypto';

import type { FlatRecord } from '@sillok/record';

import type { Log } from '../log.js';
import type { Admission } from '../seams.js';
import { componentOf } from './component.js';
import {
  CALM_SESSIONS_MAX,
  STORM_OCCURRENCES_MIN,
  STORM_QUIET_MS,
  STORM_SESSIONS_MAX,
  STORM_SESSIONS_NAMED_MAX,
  STORM_SETTLE_MS,
  STORM_WINDOW_MS,
  STORMS_OPEN_MAX,
  STORMS_WATCHED_MAX,
} from './limits.js';
import { readOpenStorms, saveOpenStorms, type OpenStorm } from './storm-file.js';

export interface StormDeps {
  readonly admission: Admission;
  readonly log: Log;
  readonly path: string;
  readonly nowMs?: () => number;
  readonly settleMs?: number;
}

/** Whose records they are. */
export interface PageOwner {
  readonly project: string;
  readonly app: string;
  readonly release: string;
  /** The page. */
  readonly boot: string;
}

interface Watched {
  readonly owner: PageOwner;
  readonly signature: string;
  /** Of the current window. */
  count: number;
  windowMs: number;
  lastMs: number;
  total: number;
  readonly sessions: Set<string>;
  message: string;
  component: string;
  open: OpenStorm | undefined;
}

export class Storms {
  readonly #deps: StormDeps;
  readonly #nowMs: () => number;
  /** In order of last sight. */
  readonly #watched = new Map<string, Watched>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(deps: StormDeps) {
    this.#deps = deps;
    this.#nowMs = deps.nowMs ?? Date.now;
    for (const open of readOpenStorms(deps.path, deps.log)) this.#takeUp(open);
  }

  /** Sees each record of a page that was stored. */
  see(record: FlatRecord, owner: PageOwner): void {
    const { attributes = {} } = record;
    const signature = attributes['repeat.signature'];
    if (typeof signature !== 'string') return;
    const watched = this.#watch(signature, owner);
    const count = attributes['repeat.count'];
    this.#count(watched, typeof count === 'number' && count > 0 ? count : 1);
    const sessionsMax = watched.open === undefined ? CALM_SESSIONS_MAX : STORM_SESSIONS_MAX;
    if (watched.sessions.size < sessionsMax)
      watched.sessions.add(record.session_hash ?? record.global_trace_id ?? owner.boot);
    watched.message ||= record.message;
    watched.component ||= componentOf(record);
    if (watched.open === undefined && watched.count >= STORM_OCCURRENCES_MIN) this.#begin(watched);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #watch(signature: string, owner: PageOwner): Watched {
    const key = JSON.stringify([owner.project, owner.app, owner.release, signature]);
    const known = this.#watched.get(key);
    this.#watched.delete(key);
    const ms = this.#nowMs();
    const isOver = known !== undefined && ms - known.lastMs > STORM_QUIET_MS;
    if (isOver && known.open !== undefined) this.#end(known);
    const watched = known === undefined || isOver ? fresh(signature, owner, ms) : known;
    watched.lastMs = ms;
    this.#watched.set(key, watched);
    this.#forgetOldest();
    return watched;
  }

  #count(watched: Watched, count: number): void {
    if (watched.lastMs - watched.windowMs > STORM_WINDOW_MS) {
      watched.count = 0;
      watched.windowMs = watched.lastMs;
    }
    watched.count += count;
    watched.total += count;
  }

  #begin(watched: Watched): void {
    const { project, app, release, boot } = watched.owner;
    if (this.#openCount(project) >= STORMS_OPEN_MAX) return;
    const ms = this.#nowMs();
    const { signature, message, component } = watched;
    watched.open = { project, app, release, boot, signature, message, component, ms, told: false };
    this.#save();
    this.#tellLater(watched);
  }

  #openCount(project: string): number {
    let count = 0;
    for (const { open } of this.#watched.values()) if (open?.project === project) count += 1;
    return count;
  }

  #end(watched: Watched): void {
    watched.open = undefined;
    this.#save();
  }

  /** Of the server before this one. */
  #takeUp(open: OpenStorm): void {
    const watched = this.#watch(open.signature, open);
    watched.open = open;
    watched.message = open.message;
    watched.component = open.component;
    if (!open.told) this.#tellLater(watched);
  }

  #tellLater(watched: Watched): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#tell(watched);
    }, this.#deps.settleMs ?? STORM_SETTLE_MS);
    this.#timers.add(timer);
  }

  async #tell(watched: Watched): Promise<void> {
    const { open } = watched;
    if (open === undefined) return;
    const { project, app, release } = open;
    try {
      await this.#deps.admission.admitForeign({
        project,
        protocol: 'sillok',
        resource: { 'service.name': app, ...(release !== '' && { 'service.version': release }) },
        records: [noticeOf(watched, open)],
        // The same notice again, after a crash between here and the next line, adds nothing.
        content: `browser.storm/${stormId(open)}`,
      });
      watched.open = { ...open, told: true };
      this.#save();
    } catch (error) {
      this.#deps.log.warn('the notice of a storm could not be kept yet; it is tried again', { app, error });
      this.#tellLater(watched);
    }
  }

  #save(): void {
    const open = [...this.#watched.values()].flatMap((each) => (each.open === undefined ? [] : [each.open]));
    saveOpenStorms(this.#deps.path, open, this.#deps.log);
  }

  #forgetOldest(): void {
    if (this.#watched.size <= STORMS_WATCHED_MAX) return;
    for (const [key, watched] of this.#watched) {
      // An open storm that is forgotten would be told again.
      if (watched.open !== undefined && this.#nowMs() - watched.lastMs < STORM_QUIET_MS) continue;
      this.#watched.delete(key);
      return;
    }
  }
}

function fresh(signature: string, owner: PageOwner, ms: number): Watched {
  const times = { windowMs: ms, lastMs: ms };
  const sessions = new Set<string>();
  return {
    owner,
    signature,
    count: 0,
    ...times,
    total: 0,
    sessions,
    message: '',
    component: '',
    open: undefined,
  };
}

function noticeOf(watched: Watched, open: OpenStorm): Readonly<Record<string, unknown>> {
  const { app, release, ms, signature } = open;
  const { total, sessions, message, component } = watched;
  const where = component === '' ? 'an unknown component' : component;
  const what = release === '' ? app : `${app} ${release}`;
  return {
    kind: 'event',
    level: 'error',
    time: new Date(ms).toISOString(),
    message: `storm in ${what}: ${where}, ${sessions.size} sessions: ${message}`,
    'event.name': 'browser.storm',
    'browser.component': component,
    'browser.storm.occurrences': total,
    'browser.storm.sessions': sessions.size,
    'browser.storm.session_ids': [...sessions].slice(0, STORM_SESSIONS_NAMED_MAX),
    'browser.storm.message': message,
    'repeat.signature': signature,
  };
}

function stormId({ project, app, release, signature, ms }: OpenStorm): string {
  return createHash('sha256')
    .update(JSON.stringify([project, app, release, signature, ms]))
    .digest('hex');
}
