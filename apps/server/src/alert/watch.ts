/** What nobody says but the clock: sources and replays that are silent or late, and numbers that are missing. */
import { replaySearch, type HeardReplay, type ReplayBook } from '../replay/book.js';
import type { RecordState } from '../seams.js';
import type { AlertBook } from './book.js';
import { quoted } from './fingerprint.js';
import { GAP_LOOK_BACK_MS, GAPS_LOOKED_AT_MAX } from './limits.js';
import type { RuleBook } from './rules.js';
import type { ScriptRuns, StoodStill } from './script-runs.js';
import type { Signal } from './signal.js';
import type { Source, Sources } from './sources.js';
import { ours } from './titles.js';

export interface WatchParts {
  readonly book: AlertBook;
  readonly rules: RuleBook;
  readonly sources: Sources;
  readonly replays: ReplayBook;
  readonly scripts: ScriptRuns;
  readonly state: Pick<RecordState, 'gaps'>;
}

export class Watch {
  readonly #parts: WatchParts;
  /** Gaps that the look before found: one that is still there is not just records that overtook each other. */
  #gapsBefore = new Set<string>();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  look(nowMs: number): void {
    const { sources, replays } = this.#parts;
    for (const source of sources.silent(nowMs)) this.#source('silent', source, nowMs);
    for (const source of sources.lagging(nowMs)) this.#source('lag', source, nowMs);
    for (const replay of replays.list()) this.#replay(replay, nowMs);
    for (const each of this.#parts.scripts.still(nowMs)) this.#script(each, nowMs);
    this.#gaps(nowMs);
  }

  #replay(replay: HeardReplay, nowMs: number): void {
    const problem = this.#parts.replays.problemOf(replay, nowMs);
    if (problem === undefined) return;
    const { project, name, mode, service, sink } = replay;
    const last = new Date(replay.heardMs).toISOString();
    const says = ours({ ...problem, about: `${name} (${mode} → ${sink})` });
    const q = replaySearch(replay);
    this.#raise(
      { project, kind: 'replay', group: `${mode} ${name}`, ...says, q, time: last, service },
      nowMs,
    );
  }

  #script({ run: { project, run, script, service, lastMs, stalled }, why }: StoodStill, nowMs: number): void {
    const last = new Date(lastMs).toISOString();
    const minutes = String(Math.round((nowMs - lastMs) / 60_000));
    const silent = ours({ code: 'script_silent', values: [script, minutes, last] });
    // What a run says of itself is the text of a record.
    const says = why === 'stalled' ? { title: stalled ?? script } : silent;
    const q = `kind:script script.run:${quoted(run)}`;
    // Two alerts: one that comes back keeps its title.
    const group = `${why} ${run}`;
    this.#raise({ project, kind: 'script_still', group, ...says, q, time: last, service }, nowMs);
  }

  #source(kind: 'silent' | 'lag', source: Source, nowMs: number): void {
    const { project, service, lastMs, lagMs } = source;
    const last = new Date(lastMs).toISOString();
    const minutes = Math.round((kind === 'silent' ? nowMs - lastMs : lagMs) / 60_000);
    const says = ours({
      code: kind,
      values: [service, String(minutes), ...(kind === 'silent' ? [last] : [])],
    });
    const q = `service.name:${quoted(service)}`;
    this.#raise({ project, kind, group: service, ...says, q, time: last, service }, nowMs);
  }

  #gaps(nowMs: number): void {
    const { sources, state } = this.#parts;
    const [from, to] = [nowMs - GAP_LOOK_BACK_MS, nowMs].map((ms) => new Date(ms).toISOString());
    const found = new Set<string>();
    for (const project of new Set(sources.list().map((source) => source.project))) {
      const gaps = state.gaps({ project, from: from ?? '', to: to ?? '', limit: GAPS_LOOKED_AT_MAX });
      for (const { producer, boot, ...gap } of gaps) {
        const name = `${project}\n${producer}\n${boot}\n${gap.from}-${gap.to}`;
        found.add(name);
        if (!this.#gapsBefore.has(name)) continue;
        const says = ours({ code: 'gaps', values: [producer, String(gap.from), String(gap.to), boot] });
        const q = `producer:${quoted(producer)}`;
        this.#raise({ project, kind: 'gaps', group: producer, ...says, q, time: to ?? '' }, nowMs);
      }
    }
    this.#gapsBefore = found;
  }

  #raise(
    signal: Omit<Signal, 'rule' | 'severity' | 'count'> & {
      kind: 'silent' | 'lag' | 'gaps' | 'replay' | 'script_still';
    },
    nowMs: number,
  ): void {
    const { book, rules } = this.#parts;
    const rule = `builtin.${signal.kind}`;
    if (!rules.isOn(signal.project, rule)) return;
    const severity = rules.severityOf(signal.project, rule);
    book.raise({ ...signal, rule, severity, count: 1, isLevel: true }, nowMs);
  }
}
