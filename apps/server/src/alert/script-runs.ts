/**
 * Runs of scripts that stand still: one that says so itself (no item has ended for a while: it hangs, or waits for a lock), and one
 * that is not heard of any more, though its heartbeat comes every half minute: its process was killed, or its machine is gone.
 * Known from the records that a run writes, as they arrive.
 */
import { type FlatRecord } from '@sillok/record';

import { textOf } from '../analysis/compare/fingerprint.js';
import { SCRIPT_FORGOTTEN_MS, SCRIPT_RUNS_MAX, SCRIPT_SILENT_MS } from './limits.js';

export interface ScriptRun {
  readonly project: string;
  readonly run: string;
  readonly script: string;
  readonly service: string;
  /** Of a dry run nobody waits who does not sit before it; its silence is no news. */
  readonly isApply: boolean;
  lastMs: number;
  /** Items that had ended when it was last heard of. */
  items: number;
  /** Its own words for it. */
  stalled?: string;
}

/** Why a run is told. */
export type StoodStill = { readonly run: ScriptRun; readonly why: 'stalled' | 'silent' };

const ENDED = ['done', 'failed', 'skipped', 'known'];

export class ScriptRuns {
  readonly #byName = new Map<string, ScriptRun>();
  /** Silence is counted from here: while the server was down it heard nobody. */
  readonly #sinceMs: number;

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  load(runs: readonly ScriptRun[]): void {
    for (const run of runs) this.#byName.set(nameOf(run), run);
  }

  list(): readonly ScriptRun[] {
    return [...this.#byName.values()];
  }

  heard(
    record: FlatRecord,
    { project, service, nowMs }: { project: string; service: string; nowMs: number },
  ): void {
    const run = textOf(record, 'script.run');
    if (record.kind !== 'script' || run === '') return;
    const name = nameOf({ project, run });
    const event = record['event.name'];
    const known = this.#byName.get(name);
    // The one that was heard of last stands last.
    this.#byName.delete(name);
    if (event === 'script.finished') return;
    const script = textOf(record, 'script.name');
    const isApply = textOf(record, 'script.mode') === 'apply';
    const items = itemsOf(record) ?? known?.items ?? 0;
    const next: ScriptRun = { project, run, script, service, isApply, lastMs: nowMs, items };
    if (event === 'script.stalled') next.stalled = record.message;
    else if (event === 'script.progress' && known?.stalled !== undefined && items === known.items)
      next.stalled = known.stalled;
    this.#byName.set(name, next);
    const [oldest] = this.#byName.keys();
    if (this.#byName.size > SCRIPT_RUNS_MAX && oldest !== undefined) this.#byName.delete(oldest);
  }

  /** Those that stand still now. What was not heard of for a day is not waited for any more. */
  still(nowMs: number): readonly StoodStill[] {
    const found: StoodStill[] = [];
    for (const run of this.list()) {
      const quietMs = nowMs - Math.max(run.lastMs, this.#sinceMs);
      if (quietMs > SCRIPT_FORGOTTEN_MS) this.#byName.delete(nameOf(run));
      else if (quietMs > SCRIPT_SILENT_MS) {
        if (run.isApply) found.push({ run, why: 'silent' });
      } else if (run.stalled !== undefined) found.push({ run, why: 'stalled' });
    }
    return found;
  }
}

function itemsOf({ attributes = {} }: FlatRecord): number | undefined {
  const counts = ENDED.map((name) => attributes[`script.items.${name}`]);
  const numbers = counts.filter((each) => typeof each === 'number');
  return numbers.length === 0 ? undefined : numbers.reduce((sum, each) => sum + each, 0);
}

function nameOf({ project, run }: { readonly project: string; readonly run: string }): string {
  return `${project}\n${run}`;
}
