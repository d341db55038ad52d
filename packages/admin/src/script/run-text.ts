/** Runs for people: what was or would be changed, what failed and with which item, and what to do next. */
import type { FieldChange } from '@sillok/record';
import { SHOWN_CHANGES_MAX, SHOWN_FAILURES_MAX } from '../limits.js';
import type { PlannedChange } from './plan.js';
import type { RunInfo } from './run-state.js';
import type { RunResult } from './runner.js';

export interface ShownRun extends Omit<RunResult, 'end' | 'info'> {
  readonly info: ListedRun;
}

/** As it is now: a run that says that it works may be killed. */
export type ListedRun = Omit<RunInfo, 'state'> & { readonly state: RunInfo['state'] | 'killed' };

export function runText({ info, failures, numbers, changes }: ShownRun): string {
  const { run, script, mode, state, counts, plan, approved_by: approved, cut_after: cut } = info;
  const lines: string[] = [];
  for (const change of changes.slice(0, SHOWN_CHANGES_MAX)) lines.push(...changeLines(change));
  if (changes.length > SHOWN_CHANGES_MAX)
    lines.push(`… and ${changes.length - SHOWN_CHANGES_MAX} more: plan.ndjson of the run`);
  if (lines.length > 0) lines.push('');
  for (const { key, reason } of failures.slice(0, SHOWN_FAILURES_MAX))
    lines.push(`✗ ${safe(key)}: ${safe(reason ?? '')}`);
  if (failures.length > SHOWN_FAILURES_MAX)
    lines.push(`… and ${failures.length - SHOWN_FAILURES_MAX} more: items.ndjson of the run`);
  if (failures.length > 0) lines.push('');
  const { done = 0, failed = 0, skipped = 0, known = 0 } = counts;
  lines.push(
    `${script}, ${mode === 'plan' ? 'dry run' : 'applied'}, ${state}: ${done} done, ${failed} failed, ${skipped} skipped, ${known} before`,
  );
  const own = Object.entries(numbers).filter(([name]) => !COUNTS.has(name));
  for (const [name, count] of own) lines.push(`  ${name}: ${count}`);
  lines.push(`run   ${run}`);
  if (approved !== undefined) lines.push(`approved by ${safe(approved)}`);
  if (mode === 'plan' && plan !== undefined) {
    lines.push(
      `plan  ${plan}   (${changes.length} changes)`,
      '',
      'Nothing was changed. To make these changes:',
    );
    lines.push(`  script run ${script} … --apply --plan ${plan}`);
  }
  if (cut !== undefined) lines.push('', `It stopped after ${cut} failed items: the others were not begun.`);
  if (mode === 'apply' && failed > 0)
    lines.push('', 'To try the failed items again:', `  script retry ${run}`);
  if (GOES_ON.has(state) || cut !== undefined) lines.push('', 'To go on:', `  script resume ${run}`);
  if (state === 'requested') lines.push('', WAITS, `  script approve ${run}`);
  return `${lines.join('\n')}\n`;
}

const GOES_ON: ReadonlySet<ListedRun['state']> = new Set(['stopped', 'paused', 'killed']);
const WAITS = 'Nothing was changed. It waits for a second person, in the console or here:';
const COUNTS: ReadonlySet<string> = new Set(['done', 'failed', 'skipped', 'known']);

export function runsText(runs: readonly ListedRun[]): string {
  if (runs.length === 0) return 'No runs yet.\n';
  return runs
    .map(({ run, script, mode, state, started_at, started_by, counts }) => {
      const count = `${counts['done'] ?? 0} done, ${counts['failed'] ?? 0} failed`;
      const kind = mode === 'plan' ? 'dry run' : 'applied';
      return `${[started_at.slice(0, 19), script, kind, state, count, started_by, run].join('  ')}\n`;
    })
    .join('');
}

function changeLines({ action, entity, diff }: PlannedChange): string[] {
  return [`${safe(action)} ${safe(entity)}`, ...diff.map((change) => `    ${fieldText(change)}`)];
}

function fieldText({ path, before, after }: FieldChange): string {
  return `${safe(path)}: ${valueText(before)} → ${valueText(after)}`;
}

function valueText(value: unknown): string {
  return value === undefined ? '–' : safe(JSON.stringify(value));
}

/** Text of the data must not steer the terminal. */
function safe(text: string): string {
  return text.replace(/\p{Cc}/gu, '␦');
}
