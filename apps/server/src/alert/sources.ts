/** Sources (services of a project): when each was last heard of, how often it speaks, and how old its records are. */
import {
  LAG_LASTS_MS,
  LAG_MS_MAX,
  LAG_MS_MIN,
  SILENT_INTERVALS,
  SILENT_MS_MIN,
  SOURCE_BATCHES_MIN,
  SOURCES_MAX,
} from './limits.js';

export interface Source {
  readonly project: string;
  readonly service: string;
  batches: number;
  lastMs: number;
  meanMs: number;
  /** Since when its records arrive late. */
  lagSinceMs?: number;
  lagMs: number;
}

/** How much one more interval counts: after some 20 the mean has followed a change. */
const WEIGHT = 0.1;

export class Sources {
  readonly #byName = new Map<string, Source>();
  /** Silence is counted from here: while the server was down it heard nobody. */
  readonly #sinceMs: number;

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  load(sources: readonly Source[]): void {
    for (const source of sources) this.#byName.set(nameOf(source), source);
  }

  list(): readonly Source[] {
    return [...this.#byName.values()];
  }

  heard(who: { project: string; service: string }, { nowMs, lagMs }: { nowMs: number; lagMs: number }): void {
    const known = this.#byName.get(nameOf(who));
    if (known === undefined) {
      if (this.#byName.size >= SOURCES_MAX) return;
      this.#byName.set(nameOf(who), { ...who, batches: 1, lastMs: nowMs, meanMs: 0, lagMs });
      return;
    }
    const interval = nowMs - known.lastMs;
    known.meanMs = known.batches === 1 ? interval : known.meanMs * (1 - WEIGHT) + interval * WEIGHT;
    known.batches += 1;
    known.lastMs = nowMs;
    known.lagMs = lagMs;
    if (lagMs < LAG_MS_MIN || lagMs > LAG_MS_MAX) delete known.lagSinceMs;
    else known.lagSinceMs ??= nowMs;
  }

  silent(nowMs: number): readonly Source[] {
    return this.list().filter(({ batches, lastMs, meanMs }) => {
      const quietMs = nowMs - Math.max(lastMs, this.#sinceMs);
      return batches >= SOURCE_BATCHES_MIN && quietMs > Math.max(SILENT_MS_MIN, meanMs * SILENT_INTERVALS);
    });
  }

  lagging(nowMs: number): readonly Source[] {
    return this.list().filter(
      ({ lagSinceMs, lastMs }) =>
        lagSinceMs !== undefined && nowMs - lagSinceMs > LAG_LASTS_MS && nowMs - lastMs < LAG_LASTS_MS,
    );
  }
}

function nameOf({ project, service }: { project: string; service: string }): string {
  return `${project}\n${service}`;
}
