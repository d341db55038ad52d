/**
 * Four eyes for scripts: one person asks to apply a plan, another one approves, and only then it runs. The request is a run that has not
 * begun; the decision is a file that only one can create, so of two who decide at once one is told that it was decided.
 *
 * On the command line a person is a login of the machine, and whoever may write into the folder of runs is believed: the console is
 * where people are told apart by their own keys.
 */
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { newBoot } from '@sillok/record';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { decisionFile, planFile, runDirectory } from '../filenames.js';
import { listRuns, RunState, type RunInfo } from './run-state.js';

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface RunRequest {
  readonly script: string;
  readonly args: unknown;
  readonly plan: string | undefined;
  readonly environment: string;
  readonly by: Person;
  readonly reason: string | undefined;
}

/** A run that waits for a second person, who sees what the dry run found. Throws a `ScriptError` when there was none. */
export function requestRun(root: string, request: RunRequest): RunInfo {
  const { script, args, plan, environment, by, reason } = request;
  const seen = listRuns(root).find(
    (each) => each.script === script && each.mode === 'plan' && each.plan === plan,
  );
  if (plan === undefined || seen === undefined) {
    throw new ScriptError(
      'plan_missing',
      `"${script}" needs a second person, who looks at a plan: there is no dry run with the plan ${plan ?? 'of this'} here. Nothing was changed.`,
      'Run it without --apply first, in the same folder of runs.',
    );
  }
  const info: RunInfo = {
    run: newBoot(),
    script,
    // Checked by the script's schema, which is one of an object.
    args: args as Record<string, unknown>,
    mode: 'apply',
    environment,
    started_at: new Date().toISOString(),
    started_by: `${by.name} (${by.id})`,
    requested_by: by.id,
    plan,
    ...(reason === undefined ? {} : { reason }),
    state: 'requested',
    counts: {},
  };
  const { directory } = RunState.create(root, info);
  const plannedChanges = planFile(runDirectory(root, seen.run));
  if (existsSync(plannedChanges)) copyFileSync(plannedChanges, planFile(directory));
  return info;
}

export interface Decision {
  readonly decision: 'approved' | 'rejected';
  readonly by: Person;
  readonly reason?: string | undefined;
}

/** Throws a `ScriptError` when it is not theirs to decide, or was decided before. */
export function decideRun(root: string, info: RunInfo, made: Decision): void {
  const { run, state, requested_by: asked } = info;
  if (state !== 'requested') throw refused(`The run ${run} waits for nobody: it is ${state}.`);
  if (made.decision === 'approved' && asked === made.by.id) {
    throw refused('Who asked for it cannot approve it.', 'Another person of the same role can.');
  }
  const path = decisionFile(runDirectory(root, run));
  try {
    writeFileSync(path, `${JSON.stringify(made)}\n`, { flag: 'wx', flush: true });
  } catch (error) {
    const isDecided = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (isDecided) throw refused(`It was ${tryDecision(root, run)?.decision ?? 'decided'} before.`);
    throw error;
  }
  if (made.decision === 'rejected') RunState.open(root, run).update({ state: 'rejected' });
}

const decisionShape = z.object({
  decision: z.enum(['approved', 'rejected']),
  by: z.object({ id: z.string(), name: z.string() }),
});

export function tryDecision(root: string, run: string): z.infer<typeof decisionShape> | undefined {
  try {
    return decisionShape.parse(JSON.parse(readFileSync(decisionFile(runDirectory(root, run)), 'utf8')));
  } catch {
    // None yet, or torn by a power cut: what it was decided to be never began.
    return undefined;
  }
}

function refused(message: string, help = 'Nothing was done now.'): ScriptError {
  return new ScriptError('approval_refused', message, help);
}
