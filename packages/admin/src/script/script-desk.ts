/**
 * Scripts that are started from the console: in the process of the service, with its own business code, and with the same dry run, plan
 * and record as on the command line. Runs stand in the folder of runs of this machine.
 */
import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { getLogger, type Logger } from '@sillok/node';
import type { Audit } from '@sillok/node/audit';
import { newBoot } from '@sillok/record';
import { z } from 'zod';
import { AdminError, ScriptError } from '../errors.js';
import { planFile, RUNS_ROOT_DEFAULT, runDirectory } from '../filenames.js';
import {
  CONCURRENCY_DEFAULT,
  SHOWN_CHANGES_MAX,
  SHOWN_FAILURES_MAX,
  SHOWN_RUNS_MAX,
  STOP_AFTER_FAILURES_DEFAULT,
} from '../limits.js';
import { mayAct, type AdminActor } from '../entity/signature.js';
import type { ScriptDescription, ScriptRun, ScriptStart } from '../entity/wire.js';
import type { AnyScript } from './define.js';
import { giveOrder, isAlive } from './orders.js';
import type { PlannedChange } from './plan.js';
import { applyScript, planScript, type RunOptions } from './runner.js';
import { listRuns, RunState, type RunInfo } from './run-state.js';

export interface ScriptDeskOptions {
  readonly scripts: readonly AnyScript[];
  readonly audit: Audit;
  readonly logger: Logger | undefined;
  readonly root?: string | undefined;
}

export interface ScriptDesk {
  list(actor: AdminActor): {
    readonly scripts: readonly ScriptDescription[];
    readonly runs: readonly ScriptRun[];
  };
  start(actor: AdminActor, name: string, body: ScriptStart): Promise<ScriptRun>;
  run(actor: AdminActor, run: string): Promise<ScriptRun>;
  stop(actor: AdminActor, run: string): Promise<ScriptRun>;
}

/** Of a run that was begun here: while its plan is looked at again there is nothing on the disk yet. */
interface Begun {
  readonly info: Omit<ScriptRun, 'state' | 'problem'>;
  readonly stop: AbortController;
  state: 'checking' | 'refused' | 'begun';
  problem: string | null;
}

export function createScriptDesk(options: ScriptDeskOptions): ScriptDesk {
  const { scripts, audit } = options;
  const root = options.root ?? process.env['SILLOK_SCRIPTS_DIR'] ?? RUNS_ROOT_DEFAULT;
  const begun = new Map<string, Begun>();
  const mine = (actor: AdminActor): readonly AnyScript[] =>
    scripts.filter((script) => mayAct(actor.role, script.role ?? 'admin'));

  function mustBeMine(actor: AdminActor, script: string, run: string): void {
    if (!mine(actor).some(({ name }) => name === script)) throw noSuch(run);
  }

  async function shown(actor: AdminActor, run: string): Promise<ScriptRun> {
    const own = begun.get(run);
    if (own !== undefined) mustBeMine(actor, own.info.script, run);
    if (own !== undefined && own.state !== 'begun')
      return { ...own.info, state: own.state, problem: own.problem };
    const state = openRun(root, run);
    mustBeMine(actor, state.info.script, run);
    const failures = state.items('failed');
    const { changes, count } = await changesOf(root, state.info);
    return {
      ...shapeOf(state.info),
      problem: own?.problem ?? null,
      changes,
      changes_count: count,
      failures: failures.slice(0, SHOWN_FAILURES_MAX).map(({ key, reason = '' }) => ({ key, reason })),
    };
  }

  return {
    list(actor) {
      const own = mine(actor);
      const runs = listRuns(root).filter(({ script }) => own.some(({ name }) => name === script));
      return { scripts: own.map(describeScript), runs: runs.slice(0, SHOWN_RUNS_MAX).map(shapeOf) };
    },
    run: shown,
    async start(actor, name, body) {
      const script = mine(actor).find((each) => each.name === name);
      if (script === undefined) throw noSuch(name);
      const args = checkedArgs(script, body.args);
      mustBeMeant(script, body);
      const run = newBoot();
      const info = {
        ...blank(run, script.name),
        args: body.args ?? {},
        mode: body.mode,
        started_by: actor.name,
      };
      const one: Begun = { info, stop: new AbortController(), state: 'checking', problem: null };
      await recordStart(audit, { script, run, actor, args, body });
      const [oldest] = begun.keys();
      if (begun.size >= SHOWN_RUNS_MAX && oldest !== undefined) begun.delete(oldest);
      begun.set(run, one);
      perform({ options, root, script, run, actor, one }, args, body);
      return { ...info, state: 'checking', problem: null };
    },
    async stop(actor, run) {
      const { state } = await shown(actor, run);
      begun.get(run)?.stop.abort();
      if (!begun.has(run)) stopElsewhere(root, run, { state, by: actor });
      return shown(actor, run);
    },
  };
}

interface Stopped {
  readonly state: ScriptRun['state'];
  readonly by: AdminActor;
}

/** One that was started on the command line of this machine. */
function stopElsewhere(root: string, run: string, { state, by }: Stopped): void {
  if (state !== 'running' && state !== 'paused') return;
  const { info } = RunState.open(root, run);
  if (isAlive(root, info)) giveOrder(root, info, { order: 'stop', by: `${by.name} (${by.id})` });
}

interface OptionsOf {
  readonly options: ScriptDeskOptions;
  readonly root: string;
  readonly script: AnyScript;
  readonly run: string;
  readonly actor: AdminActor;
  readonly one: Begun;
}

/** In the background: whoever started it looks at the run. */
function perform(parts: OptionsOf, args: unknown, body: ScriptStart): void {
  const { options, script, run, one } = parts;
  const work =
    body.mode === 'plan'
      ? planScript(script, args, runOptionsOf(parts))
      : applyScript(script, { args, plan: body.plan }, runOptionsOf(parts));
  work.catch((error: unknown) => {
    if (one.state === 'checking') one.state = 'refused';
    one.problem = error instanceof Error ? error.message : String(error);
    if (error instanceof ScriptError) return;
    (options.logger ?? getLogger()).error({ err: error, 'script.run': run }, `${script.name} failed`);
  });
}

interface StartRecord extends Pick<OptionsOf, 'script' | 'run' | 'actor'> {
  readonly args: unknown;
  readonly body: ScriptStart;
}

function recordStart(audit: Audit, { script, run, actor, args, body }: StartRecord): Promise<string> {
  return audit.record({
    action: `script.${body.mode}`,
    entity: { type: 'script', id: script.name },
    actor: { type: 'admin', id: actor.id, name: actor.name },
    reason: body.reason,
    arguments: { run, args, plan: body.plan },
  });
}

function runOptionsOf({ options, root, script, run, actor, one }: OptionsOf): RunOptions {
  return {
    root,
    logger: options.logger ?? getLogger(),
    screen: { write: () => true },
    signal: one.stop.signal,
    environment: environment(),
    concurrency: script.concurrency ?? CONCURRENCY_DEFAULT,
    perSecond: script.perSecond,
    stopAfter: STOP_AFTER_FAILURES_DEFAULT,
    startedBy: `${actor.name} (${actor.id})`,
    run,
    onBegun: () => void (one.state = 'begun'),
  };
}

function describeScript(script: AnyScript): ScriptDescription {
  return {
    name: script.name,
    description: script.description,
    owner: script.owner ?? null,
    args: z.toJSONSchema(script.args, { io: 'input', unrepresentable: 'any' }),
    destructive: script.isDestructive === true,
    production: environment() === 'production',
    role: script.role ?? 'admin',
  };
}

function shapeOf(info: RunInfo): ScriptRun {
  const { run, script, mode, args, state, started_at, started_by, counts } = info;
  const { plan = null, ended_at = null } = info;
  const known = { mode, args, state, started_at, started_by, counts, plan, ended_at };
  return { ...blank(run, script), ...known, problem: null };
}

function blank(run: string, script: string): Omit<ScriptRun, 'state' | 'problem'> {
  return {
    run,
    script,
    mode: 'plan',
    args: {},
    started_at: new Date().toISOString(),
    started_by: '',
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

function openRun(root: string, run: string): RunState {
  if (!/^[0-9a-f-]{36}$/.test(run)) throw noSuch(run);
  try {
    return RunState.open(root, run);
  } catch {
    throw noSuch(run);
  }
}

function checkedArgs(script: AnyScript, given: unknown): unknown {
  const parsed = script.args.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AdminError({
    status: 400,
    code: 'input_invalid',
    message: `${issue?.path.join('.')}: ${issue?.message}. Nothing was started.`,
    help: 'Mend what is named and start it again.',
  });
}

function mustBeMeant(script: AnyScript, { mode, plan, production }: ScriptStart): void {
  if (mode === 'plan' || script.isDestructive !== true) return;
  if (plan === undefined) {
    throw new AdminError({
      status: 409,
      code: 'plan_missing',
      message: `"${script.name}" changes data: it applies a plan that was seen. Nothing was changed.`,
      help: 'Make a dry run first, and apply that.',
    });
  }
  if (environment() !== 'production' || production === true) return;
  throw new AdminError({
    status: 409,
    code: 'production_refused',
    message: `"${script.name}" changes data, and this is production. Nothing was changed.`,
    help: 'Say so explicitly.',
  });
}

function environment(): string {
  return process.env['SILLOK_ENVIRONMENT'] ?? process.env['NODE_ENV'] ?? 'development';
}

function noSuch(name: string): AdminError {
  return new AdminError({
    status: 404,
    code: 'not_found',
    message: `There is no script or run "${name}" for you here.`,
    help: 'Runs stand on the machine that ran them, and scripts need a role.',
  });
}
