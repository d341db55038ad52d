/**
 * A run from its start to its end: dry run, apply, resume, retry.
 *
 * What must hold: a dry run writes nothing; an apply of a destructive script makes only the changes of a plan that somebody saw,
 * and none when the data has moved on since; what was applied is not applied again; every failed item is named.
 */
import type { Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import { newBoot } from '@sillok/record';
import { ScriptError } from '../errors.js';
import { HEARTBEAT_INTERVAL_MS, RUN_SAVE_INTERVAL_MS, STALL_MS_DEFAULT } from '../limits.js';
import type { AnyScript, ScriptContext } from './define.js';
import { Orders, type Order } from './orders.js';
import { Plan, type PlannedChange } from './plan.js';
import { Progress, type Screen } from './progress.js';
import { runItems, type ItemsEnd } from './run-items.js';
import { ownProcess, RunState, user, type ItemLine, type RunInfo } from './run-state.js';
import { createScriptLog, type ScriptLog } from './script-log.js';

export interface RunOptions {
  readonly root: string;
  readonly logger: Logger;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  readonly environment: string;
  readonly concurrency: number;
  readonly perSecond: number | undefined;
  readonly stopAfter: number;
  /** Who started it, where that is not the user of this process. */
  readonly startedBy?: string;
  /** Why, in the words of whoever started it. */
  readonly reason?: string | undefined;
  /** The second person, of a script that needs one. */
  readonly approvedBy?: string;
  /** Its id, where somebody has named it before it began. */
  readonly run?: string;
  /** It is on the disk. */
  readonly onBegun?: () => void;
}

export interface RunResult {
  readonly info: RunInfo;
  readonly end: ItemsEnd;
  readonly failures: readonly ItemLine[];
  readonly numbers: Readonly<Record<string, number>>;
  readonly changes: readonly PlannedChange[];
}

/** Says what would be changed, and changes nothing. */
export function planScript(script: AnyScript, args: unknown, options: RunOptions): Promise<RunResult> {
  return perform({ script, args, options, mode: 'plan' });
}

/** `plan`: the hash that a dry run gave. A destructive script needs it. */
export async function applyScript(
  script: AnyScript,
  given: { readonly args: unknown; readonly plan?: string | undefined },
  options: RunOptions,
): Promise<RunResult> {
  const { args, plan } = given;
  mustHavePlan(script, plan);
  const { run: _run, onBegun: _onBegun, approvedBy: _approvedBy, ...looking } = options;
  mustBeApproved(script, options);
  if (plan !== undefined) await mustStillBe(plan, { script, args, options: looking });
  return perform({ script, args, options, mode: 'apply', plan });
}

/** Goes on where a run ended: items that are done stay done; `failedOnly` works on the failed ones alone. */
export function resumeScript(
  script: AnyScript,
  given: { readonly run: string; readonly failedOnly: boolean },
  options: RunOptions,
): Promise<RunResult> {
  const state = RunState.open(options.root, given.run);
  const { mode, args, script: name, approved_by: approvedBy } = state.info;
  if (name !== script.name)
    throw new ScriptError('usage', `The run is one of "${name}".`, 'Name that script.');
  // A request is a run that has not begun: to resume it would be to approve it.
  if (mode === 'apply') mustBeApproved(script, { approvedBy });
  const parsed = script.args.parse(args);
  return perform({ script, args: parsed, options, mode, resumed: { state, failedOnly: given.failedOnly } });
}

/** What changes data applies a plan that somebody saw. */
export function mustHavePlan({ name, isDestructive }: AnyScript, plan: string | undefined): void {
  if (plan !== undefined || isDestructive !== true) return;
  throw new ScriptError(
    'plan_missing',
    `"${name}" changes data: it applies a plan that was seen. Nothing was changed.`,
    'Run it without --apply first; the dry run prints the plan to give with --plan.',
  );
}

/** A bug of whoever calls this: the command line and the console ask for the second person first. */
function mustBeApproved(
  { name, fourEyes }: AnyScript,
  { approvedBy }: { readonly approvedBy?: string | undefined },
): void {
  if (fourEyes !== true || approvedBy !== undefined) return;
  throw new ScriptError(
    'approval_refused',
    `"${name}" needs a second person. Nothing was changed.`,
    'Ask for it, and let somebody else approve it.',
  );
}

interface Performance {
  readonly script: AnyScript;
  readonly args: unknown;
  readonly options: RunOptions;
  readonly mode: RunInfo['mode'];
  readonly plan?: string | undefined;
  /** Whether the plan is still the one: a part of an apply, whose end is told by that. */
  readonly isCheck?: boolean;
  readonly resumed?: { readonly state: RunState; readonly failedOnly: boolean };
}

async function mustStillBe(
  plan: string,
  { script, args, options }: Pick<Performance, 'script' | 'args' | 'options'>,
) {
  options.screen.write('Is the plan still the one that was seen? Looking at the data again …\n');
  const { info, end } = await perform({ script, args, options, mode: 'plan', isCheck: true });
  if (info.plan === plan && end !== 'stopped') return;
  if (end === 'stopped') {
    throw new ScriptError(
      'plan_missing',
      'Looking at the data again was stopped. Nothing was changed.',
      'Apply the same plan again.',
    );
  }
  throw new ScriptError(
    'plan_moved',
    `The data has moved on since the dry run: the plan is now ${info.plan}, and not ${plan}. Nothing was changed.`,
    `Look at the new plan (run ${info.run}) and apply that.`,
  );
}

async function perform(performance: Performance): Promise<RunResult> {
  const { script, args, options, mode, isCheck = false, resumed } = performance;
  const state = resumed?.state ?? RunState.create(options.root, infoOf(performance));
  const { run } = state.info;
  const log = createScriptLog(options.logger, {
    'script.name': script.name,
    'script.run': run,
    'script.mode': mode,
  });
  const progress = new Progress(options.screen);
  const orders = new Orders({
    directory: state.directory,
    signal: options.signal,
    onChange: (order) => tellOrder(order, { script, run, state, progress, log, screen: options.screen }),
  });
  const { signal } = orders;
  const context: ScriptContext<unknown> = { args, isDryRun: mode === 'plan', log, signal };
  const plan = new Plan(mode === 'plan' ? state.directory : undefined);
  const numbers: Record<string, number> = {};
  state.update({ state: 'running', process: ownProcess(), cut_after: undefined });
  options.onBegun?.();
  log.info({ 'event.name': 'script.started', 'script.args': args }, `${script.name} started: ${mode}`);
  const watch = watchRun({ script, progress, log, orders, screen: options.screen });
  const saving = setInterval(
    () => state.update({ counts: { ...progress.counts } }),
    RUN_SAVE_INTERVAL_MS,
  ).unref();
  let end: ItemsEnd = 'failed';
  try {
    progress.expect(await script.total?.(context));
    end = await runItems({
      ...options,
      script,
      context,
      state,
      progress,
      turn: () => orders.turn(),
      onCut: () => state.update({ cut_after: options.stopAfter }),
      isWanted: (key) => isWanted(state.stateOf(key), resumed?.failedOnly),
      parts: {
        run,
        audit: auditOf(options.logger, { script, run }),
        plan,
        isResumed: resumed !== undefined,
        count: (name, by) => void (numbers[name] = (numbers[name] ?? 0) + by),
      },
    });
  } finally {
    watch();
    orders.close();
    clearInterval(saving);
    progress.stop();
    const counts = { ...progress.counts, ...numbers };
    const planned = mode === 'plan' ? { plan: plan.hash() } : {};
    state.update({ state: end, ended_at: new Date().toISOString(), counts, ...planned });
    const isCut = state.info.cut_after !== undefined;
    if (!isCheck) tellOwner({ script, run, mode, end, log, failures: state.items('failed'), isCut });
  }
  return { info: state.info, end, failures: state.items('failed'), numbers, changes: plan.changes };
}

/** Items that ended are passed over; failed ones are tried again, and only they when asked so. */
function isWanted(state: ItemLine['state'] | undefined, failedOnly: boolean | undefined): boolean {
  if (state === 'failed') return true;
  return state === undefined && failedOnly !== true;
}

function infoOf({ script, args, options, mode, plan }: Performance): RunInfo {
  return {
    run: options.run ?? newBoot(),
    script: script.name,
    // Checked by the script's schema, which is one of an object.
    args: args as Record<string, unknown>,
    mode,
    environment: options.environment,
    started_at: new Date().toISOString(),
    started_by: options.startedBy ?? user(),
    ...(plan === undefined ? {} : { plan }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...(options.approvedBy === undefined ? {} : { approved_by: options.approvedBy }),
    state: 'running',
    counts: {},
  };
}

function auditOf(logger: Logger, { script, run }: { script: AnyScript; run: string }): Audit {
  return new Audit({ logger, actor: () => ({ type: 'script', id: `${script.name}/${run}` }) });
}

interface Watched {
  readonly script: AnyScript;
  readonly progress: Progress;
  readonly orders: Orders;
  readonly log: ScriptLog;
  readonly screen: Screen;
}

/** A sign of life in the record, and one alarm when nothing ends any more. Returns what stops it. */
function watchRun({ script, progress, log, orders, screen }: Watched): () => void {
  const stallMs = script.stallMs ?? STALL_MS_DEFAULT;
  const beat = setInterval(
    () => log.info({ 'event.name': 'script.progress', ...prefixed(progress) }, progress.line()),
    HEARTBEAT_INTERVAL_MS,
  ).unref();
  let toldAtMs: number | undefined;
  const stall = setInterval(
    () => {
      if (orders.isPaused) progress.rested();
      const last = progress.lastMs;
      if (performance.now() - last < stallMs || toldAtMs === last) return;
      toldAtMs = last;
      const text = `no item has ended for ${Math.round(stallMs / 1000)} s`;
      log.warn({ 'event.name': 'script.stalled' }, `${script.name}: ${text}`);
      screen.write(`\n${text}: it hangs, or waits for a lock\n`);
    },
    Math.min(stallMs, HEARTBEAT_INTERVAL_MS) / 2,
  ).unref();
  return () => {
    clearInterval(beat);
    clearInterval(stall);
  };
}

function prefixed({ counts }: Progress): object {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`script.items.${name}`, count]));
}

interface Ordered extends Omit<Watched, 'orders'> {
  readonly run: string;
  readonly state: RunState;
}

/** Who paused it stands in the record, on the screen, and in the list of runs. */
function tellOrder(order: Order | undefined, { script, run, state, progress, log, screen }: Ordered): void {
  progress.rested();
  const name = order === undefined ? 'resumed' : { pause: 'paused', stop: 'stopped' }[order.order];
  const by = order === undefined ? '' : ` by ${order.by}`;
  const fields = order === undefined ? {} : { 'script.ordered_by': order.by };
  log.info({ 'event.name': `script.${name}`, ...fields }, `${script.name}: ${name}${by}`);
  screen.write(`\n${name}${by}${name === 'paused' ? `; to go on: script resume ${run}` : ''}\n`);
  if (name !== 'stopped') state.update({ state: name === 'paused' ? 'paused' : 'running' });
}

interface Told {
  readonly script: AnyScript;
  readonly run: string;
  readonly mode: RunInfo['mode'];
  readonly end: ItemsEnd;
  readonly log: ScriptLog;
  readonly failures: readonly ItemLine[];
  readonly isCut: boolean;
}

/** Exactly one notice per run, for its owner: the failures are one, however many there are. */
function tellOwner({ script, run, mode, end, log, failures, isCut }: Told): void {
  const fields = {
    'event.name': 'script.finished',
    'script.end': end,
    'script.failed': failures.length,
    ...(script.owner === undefined ? {} : { 'script.owner': script.owner }),
  };
  const cut = isCut ? ', the others were not begun' : '';
  const text = failures.length === 0 ? end : `${end}, ${failures.length} items failed${cut}`;
  const message = `${script.name} (${mode}, run ${run}): ${text}`;
  if (end === 'done') log.info(fields, message);
  else log.warn(fields, message);
}
