/**
 * Scripts that are started from the console: in the process of the service, with its own business code, and with the same dry run, plan
 * and record as on the command line. Runs stand in the folder of runs of this machine.
 */
import { getLogger, type Logger } from '@sillok/node';
import type { Audit } from '@sillok/node/audit';
import { newBoot } from '@sillok/record';
import { AdminError, ScriptError } from '../errors.js';
import { RUNS_ROOT_DEFAULT } from '../filenames.js';
import { CONCURRENCY_DEFAULT, SHOWN_RUNS_MAX, STOP_AFTER_FAILURES_DEFAULT } from '../limits.js';
import { doneBy, mayAct, type AdminActor } from '../entity/signature.js';
import type {
  ScriptDescription,
  ScriptOrder,
  ScriptOrderBody,
  ScriptRun,
  ScriptStart,
} from '../entity/wire.js';
import { decideRun, requestRun, type RunRequest } from './approval.js';
import type { AnyScript } from './define.js';
import { giveOrder, isAlive, takeOrderBack } from './orders.js';
import { applyScript, planScript, resumeScript, type RunOptions, type RunResult } from './runner.js';
import { listRuns, RunState, type RunInfo } from './run-state.js';
import { blank, describeScript, environment, shapeOf, wholeShapeOf } from './script-shapes.js';

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
  /** A dry run, or the request to apply, or an apply. */
  start(actor: AdminActor, name: string, body: ScriptStart): Promise<ScriptRun>;
  run(actor: AdminActor, run: string): Promise<ScriptRun>;
  order(actor: AdminActor, run: string, given: GivenOrder): Promise<ScriptRun>;
}

export interface GivenOrder extends ScriptOrderBody {
  readonly order: ScriptOrder;
}

/** Of a run that was begun here: while its plan is looked at again there is nothing on the disk yet. */
interface Begun {
  readonly info: Omit<ScriptRun, 'state'>;
  readonly stop: AbortController;
  state: 'checking' | 'refused' | 'begun';
  problem: string | null;
}

export function createScriptDesk(options: ScriptDeskOptions): ScriptDesk {
  const desk = new Desk(options);
  return {
    list: (actor) => desk.list(actor),
    start: (actor, name, body) => desk.start(actor, name, body),
    run: (actor, run) => desk.shown(actor, run),
    order: (actor, run, given) => desk.order(actor, run, given),
  };
}

class Desk {
  readonly #options: ScriptDeskOptions;
  readonly #root: string;
  readonly #begun = new Map<string, Begun>();

  constructor(options: ScriptDeskOptions) {
    this.#options = options;
    this.#root = options.root ?? process.env['SILLOK_SCRIPTS_DIR'] ?? RUNS_ROOT_DEFAULT;
  }

  list(actor: AdminActor): ReturnType<ScriptDesk['list']> {
    const own = this.#mine(actor);
    const runs = listRuns(this.#root).filter(({ script }) => own.some(({ name }) => name === script));
    return {
      scripts: own.map(describeScript),
      runs: runs.slice(0, SHOWN_RUNS_MAX).map((info) => shapeOf(this.#root, info, actor)),
    };
  }

  async shown(actor: AdminActor, run: string): Promise<ScriptRun> {
    const own = this.#begun.get(run);
    if (own !== undefined) this.#mustFindFor(actor, own.info.script, run);
    if (own !== undefined && own.state !== 'begun')
      return { ...own.info, state: own.state, problem: own.problem, orders: ordersOf(own) };
    const state = this.#open(actor, run);
    const shape = await wholeShapeOf(this.#root, state, actor);
    return { ...shape, problem: own?.problem ?? shape.problem };
  }

  async start(actor: AdminActor, name: string, body: ScriptStart): Promise<ScriptRun> {
    const script = this.#mine(actor).find((each) => each.name === name);
    if (script === undefined) throw noSuch(name);
    const args = checkedArgs(script, body.args);
    mustBePlanned(script, body);
    if (body.mode === 'apply') mustBeMeant(script, body);
    if (body.mode === 'apply' && script.fourEyes === true)
      return this.#request(script, actor, { args, body });
    const run = newBoot();
    await this.#record(actor, script, { step: body.mode, run, args, plan: body.plan, reason: body.reason });
    const started = { run, startedBy: nameOf(actor), reason: body.reason };
    const made = this.#begin(script, started, { mode: body.mode, args: body.args });
    const runOptions = { ...this.#optionsOf(script, made), ...started };
    const given = { args, plan: body.plan };
    const work = () =>
      body.mode === 'plan' ? planScript(script, args, runOptions) : applyScript(script, given, runOptions);
    this.#perform(script, made, work);
    return { ...made.info, state: 'checking', orders: ordersOf(made) };
  }

  async order(actor: AdminActor, run: string, given: GivenOrder): Promise<ScriptRun> {
    const { order } = given;
    const own = this.#begun.get(run);
    // Its plan is looked at again: there is no run yet that could take an order.
    if (order === 'stop' && own?.state === 'checking') {
      this.#mustFindFor(actor, own.info.script, run);
      own.stop.abort();
      return this.shown(actor, run);
    }
    const { info } = this.#open(actor, run);
    const script = this.#mustFindFor(actor, info.script, run);
    try {
      await this.#follow({ actor, script, info }, given);
    } catch (error) {
      throw error instanceof ScriptError ? conflict(error) : error;
    }
    return this.shown(actor, run);
  }

  #follow(parts: Ordered, given: GivenOrder): void | Promise<void> {
    const { actor, info } = parts;
    const root = this.#root;
    switch (given.order) {
      case 'pause':
        return giveOrder(root, info, { order: 'pause', by: nameOf(actor) });
      case 'stop':
        // Stopped twice is stopped.
        if (isAlive(root, info)) giveOrder(root, info, { order: 'stop', by: nameOf(actor) });
        return undefined;
      case 'resume':
        return info.state === 'paused' && isAlive(root, info)
          ? takeOrderBack(root, info.run)
          : this.#goOn(parts, given);
      case 'retry':
        return this.#goOn(parts, given);
      case 'approve':
        return this.#approve(parts, given);
      case 'reject':
        return this.#reject(parts, given);
    }
  }

  /** Nothing is begun: the run waits for a second person. */
  async #request(
    script: AnyScript,
    actor: AdminActor,
    { args, body }: { readonly args: unknown; readonly body: ScriptStart },
  ): Promise<ScriptRun> {
    const { plan, reason } = body;
    const by = { id: actor.id, name: actor.name };
    const asked = { script: script.name, args, plan, environment: environment(), by, reason };
    const info = requested(this.#root, asked);
    await this.#record(actor, script, { step: 'apply.requested', run: info.run, args, plan, reason });
    return this.shown(actor, info.run);
  }

  async #approve({ actor, script, info }: Ordered, given: GivenOrder): Promise<void> {
    mustBeMeant(script, given);
    const { run, plan, started_by: startedBy } = info;
    const args = checkedArgs(script, info.args);
    const by = { id: actor.id, name: actor.name };
    decideRun(this.#root, info, { decision: 'approved', by, reason: given.reason });
    const { reason } = given;
    await this.#record(actor, script, { step: 'apply', run, args, plan, reason, asked: info.requested_by });
    const made = this.#begin(script, { run, startedBy }, { mode: 'apply', args: info.args });
    const approved = { run, startedBy, reason: info.reason, approvedBy: nameOf(actor) };
    const runOptions = { ...this.#optionsOf(script, made), ...approved };
    this.#perform(script, made, () => applyScript(script, { args, plan }, runOptions));
  }

  async #reject({ actor, script, info }: Ordered, { reason }: GivenOrder): Promise<void> {
    const by = { id: actor.id, name: actor.name };
    decideRun(this.#root, info, { decision: 'rejected', by, reason });
    const { run, plan, args } = info;
    await this.#record(actor, script, { step: 'apply.rejected', run, args, plan, reason });
  }

  /** What was stopped or killed, or its failed items: in this process. */
  async #goOn({ actor, script, info }: Ordered, given: GivenOrder): Promise<void> {
    const { run, mode, args, plan, state, started_by: startedBy } = info;
    const failedOnly = given.order === 'retry';
    const isWaiting = state === 'requested' || state === 'rejected';
    if (isWaiting || isAlive(this.#root, info))
      throw new ScriptError(
        'still_running',
        `The run is ${state}. Nothing was started.`,
        'Look at it again.',
      );
    if (mode === 'apply') mustBeMeant(script, given);
    const { reason } = given;
    await this.#record(actor, script, { step: failedOnly ? 'retry' : 'resume', run, args, plan, reason });
    const made = this.#begin(script, { run, startedBy }, { mode, args });
    made.state = 'begun';
    const runOptions = { ...this.#optionsOf(script, made), startedBy };
    this.#perform(script, made, () => resumeScript(script, { run, failedOnly }, runOptions));
  }

  #begin(
    script: AnyScript,
    { run, startedBy }: { readonly run: string; readonly startedBy: string },
    { mode, args }: Pick<ScriptRun, 'mode' | 'args'>,
  ): Begun {
    const info = { ...blank(run, script.name), args: args ?? {}, mode, started_by: startedBy };
    const made: Begun = { info, stop: new AbortController(), state: 'checking', problem: null };
    const [oldest] = this.#begun.keys();
    if (this.#begun.size >= SHOWN_RUNS_MAX && oldest !== undefined) this.#begun.delete(oldest);
    this.#begun.set(run, made);
    return made;
  }

  /** In the background: whoever started it looks at the run. */
  #perform(script: AnyScript, made: Begun, work: () => Promise<RunResult>): void {
    work().catch((error: unknown) => {
      if (made.state === 'checking') made.state = 'refused';
      made.problem = error instanceof Error ? error.message : String(error);
      if (error instanceof ScriptError) return;
      const fields = { err: error, 'script.run': made.info.run };
      (this.#options.logger ?? getLogger()).error(fields, `${script.name} failed`);
    });
  }

  #optionsOf(script: AnyScript, made: Begun): RunOptions {
    return {
      root: this.#root,
      logger: this.#options.logger ?? getLogger(),
      screen: { write: () => true },
      signal: made.stop.signal,
      environment: environment(),
      concurrency: script.concurrency ?? CONCURRENCY_DEFAULT,
      perSecond: script.perSecond,
      stopAfter: STOP_AFTER_FAILURES_DEFAULT,
      onBegun: () => void (made.state = 'begun'),
    };
  }

  #record(actor: AdminActor, script: AnyScript, said: Recorded): Promise<string> {
    const { step, run, args, plan, reason, asked } = said;
    return this.#options.audit.record({
      action: `script.${step}`,
      entity: { type: 'script', id: script.name },
      ...doneBy(actor),
      reason,
      arguments: { run, args, plan, ...(asked === undefined ? {} : { four_eyes: { requested_by: asked } }) },
    });
  }

  #mine(actor: AdminActor): readonly AnyScript[] {
    return this.#options.scripts.filter((script) => mayAct(actor.role, script.role ?? 'admin'));
  }

  #mustFindFor(actor: AdminActor, script: string, run: string): AnyScript {
    const found = this.#mine(actor).find(({ name }) => name === script);
    if (found === undefined) throw noSuch(run);
    return found;
  }

  #open(actor: AdminActor, run: string): RunState {
    if (!/^[0-9a-f-]{36}$/.test(run)) throw noSuch(run);
    const state = tryOpen(this.#root, run);
    if (state === undefined) throw noSuch(run);
    this.#mustFindFor(actor, state.info.script, run);
    return state;
  }
}

interface Ordered {
  readonly actor: AdminActor;
  readonly script: AnyScript;
  readonly info: RunInfo;
}

interface Recorded {
  readonly step: 'plan' | 'apply' | 'apply.requested' | 'apply.rejected' | 'resume' | 'retry';
  readonly run: string;
  readonly args: unknown;
  readonly plan: string | undefined;
  readonly reason: string | undefined;
  /** Who asked for it, of an approval. */
  readonly asked?: string | undefined;
}

function requested(root: string, asked: RunRequest): RunInfo {
  try {
    return requestRun(root, asked);
  } catch (error) {
    throw error instanceof ScriptError ? conflict(error) : error;
  }
}

const ordersOf = ({ state }: Begun): readonly ScriptOrder[] => (state === 'checking' ? ['stop'] : []);

const nameOf = ({ name, id }: AdminActor): string => `${name} (${id})`;

function tryOpen(root: string, run: string): RunState | undefined {
  try {
    return RunState.open(root, run);
  } catch {
    return undefined;
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

function mustBePlanned(script: AnyScript, { mode, plan }: ScriptStart): void {
  if (mode === 'plan' || plan !== undefined || script.isDestructive !== true) return;
  throw new AdminError({
    status: 409,
    code: 'plan_missing',
    message: `"${script.name}" changes data: it applies a plan that was seen. Nothing was changed.`,
    help: 'Make a dry run first, and apply that.',
  });
}

function mustBeMeant(script: AnyScript, { production }: Pick<ScriptStart, 'production'>): void {
  if (script.isDestructive !== true || environment() !== 'production' || production === true) return;
  throw new AdminError({
    status: 409,
    code: 'production_refused',
    message: `"${script.name}" changes data, and this is production. Nothing was changed.`,
    help: 'Say so explicitly.',
  });
}

/** What a run cannot do now, in the words of the command line. */
function conflict(error: ScriptError): AdminError {
  const code = error.code === 'approval_refused' ? 'approval_refused' : 'action_refused';
  return new AdminError({ status: 409, code, message: error.message, help: error.help, cause: error });
}

function noSuch(name: string): AdminError {
  return new AdminError({
    status: 404,
    code: 'not_found',
    message: `There is no script or run "${name}" for you here.`,
    help: 'Runs stand on the machine that ran them, and scripts need a role.',
  });
}
