/** Scripts and runs as the console sees them. */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { AdminActor } from '../entity/signature.js';
import type { ScriptDescription, ScriptOrder, ScriptRun } from '../entity/wire.js';
import { planFile, runDirectory } from '../filenames.js';
import { SHOWN_CHANGES_MAX, SHOWN_FAILURES_MAX } from '../limits.js';
import { tryDecision } from './approval.js';
import type { AnyScript } from './define.js';
import { stateOf } from './orders.js';
import type { PlannedChange } from './plan.js';
import type { RunInfo, RunState } from './run-state.js';

export function environment(): string {
  return process.env['SILLOK_ENVIRONMENT'] ?? process.env['NODE_ENV'] ?? 'development';
}

export function describeScript(script: AnyScript): ScriptDescription {
  return {
    name: script.name,
    description: script.description,
    owner: script.owner ?? null,
    args: z.toJSONSchema(script.args, { io: 'input', unrepresentable: 'any' }),
    destructive: script.isDestructive === true,
    four_eyes: script.fourEyes === true,
    production: environment() === 'production',
    role: script.role ?? 'admin',
  };
}

/** As it is in a list: without its changes and failures. */
export function shapeOf(root: string, info: RunInfo, actor: AdminActor): ScriptRun {
  const { run, script, mode, args, started_at, started_by, counts } = info;
  const { plan = null, ended_at = null, reason = null, approved_by = null } = info;
  const known = { mode, args, started_at, started_by, counts, plan, ended_at, reason, approved_by };
  const problem = problemOf(root, info);
  const state = problem === null ? stateOf(root, info) : 'refused';
  return { ...blank(run, script), ...known, state, problem, orders: ordersFor(state, info, actor) };
}

/** With its first changes and failures. */
export async function wholeShapeOf(root: string, state: RunState, actor: AdminActor): Promise<ScriptRun> {
  const failures = state.items('failed').slice(0, SHOWN_FAILURES_MAX);
  const { changes, count } = await changesOf(root, state.info);
  return {
    ...shapeOf(root, state.info, actor),
    changes,
    changes_count: count,
    failures: failures.map(({ key, reason = '' }) => ({ key, reason })),
  };
}

/** Approved, and never begun: the data had moved on, or the process died in between. Nothing was changed. */
function problemOf(root: string, { run, state }: RunInfo): string | null {
  const decision = state === 'requested' ? tryDecision(root, run) : undefined;
  if (decision === undefined) return null;
  return `It was ${decision.decision} by ${decision.by.name} and did not begin. Nothing was changed: make a dry run again.`;
}

function ordersFor(state: ScriptRun['state'], info: RunInfo, { id }: AdminActor): readonly ScriptOrder[] {
  switch (state) {
    case 'requested':
      return info.requested_by === id ? ['reject'] : ['approve', 'reject'];
    case 'running':
      return ['pause', 'stop'];
    case 'paused':
      return ['resume', 'stop'];
    case 'stopped':
    case 'killed':
      return ['resume'];
    case 'failed':
      return info.mode === 'apply' ? ['retry'] : [];
    default:
      return [];
  }
}

export function blank(run: string, script: string): Omit<ScriptRun, 'state'> {
  return {
    run,
    script,
    mode: 'plan',
    args: {},
    problem: null,
    orders: [],
    started_at: new Date().toISOString(),
    started_by: '',
    reason: null,
    approved_by: null,
    ended_at: null,
    counts: {},
    plan: null,
    changes: [],
    changes_count: 0,
    failures: [],
  };
}

/** The first ones of its file, and how many there are. */
async function changesOf(root: string, info: RunInfo) {
  const path = planFile(runDirectory(root, info.run));
  const changes: PlannedChange[] = [];
  let count = 0;
  if (!existsSync(path)) return { changes, count };
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    count += 1;
    // Written by `Plan`.
    if (changes.length < SHOWN_CHANGES_MAX) changes.push(JSON.parse(line) as PlannedChange);
  }
  return { changes, count };
}
