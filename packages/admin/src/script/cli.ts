/**
 * The command line of scripts: `list`, `run`, `pause`, `stop`, `approve`, `resume`, `retry`, `status`. Started by `sillok script …` or by a file of your own
 * that calls `runScripts`.
 */
import { parseArgs } from 'node:util';
import { getLogger } from '@sillok/node';
import { ScriptError } from '../errors.js';
import { RUNS_ROOT_DEFAULT } from '../filenames.js';
import { CONCURRENCY_DEFAULT, CONCURRENCY_MAX, STOP_AFTER_FAILURES_DEFAULT } from '../limits.js';
import { helpOf, readArgs } from './args.js';
import type { AnyScript } from './define.js';
import type { Screen } from './progress.js';
import { newScript, TEMPLATES } from './new-script.js';
import { runText, runsText } from './run-text.js';
import {
  applyScript,
  mustHavePlan,
  planScript,
  resumeScript,
  type RunOptions,
  type RunResult,
} from './runner.js';
import { decideRun, requestRun, type Person } from './approval.js';
import { giveOrder, isAlive, stateOf, takeOrderBack } from './orders.js';
import { plannedChanges } from './plan.js';
import { listRuns, RunState, user, type RunInfo } from './run-state.js';

export interface ScriptsIo {
  readonly out: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** How the time between two looks passes; true when it was stopped meanwhile. Left out: by the clock. */
  readonly waits?: (ms: number, signal: AbortSignal) => Promise<boolean>;
}

const RUNNER_FLAGS = {
  apply: { type: 'boolean' },
  plan: { type: 'string' },
  production: { type: 'boolean' },
  concurrency: { type: 'string' },
  'per-second': { type: 'string' },
  'stop-after': { type: 'string' },
  template: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

const USAGE = `script list                       the scripts, each with its arguments
script run NAME [arguments]       a dry run: shows what would change, changes nothing
script run NAME --apply --plan P  makes the changes of the plan P
script pause RUN                  from another terminal: begins no more items until it is resumed
script stop RUN                   from another terminal: ends what has begun, and stops
script approve RUN                by the second person, of a script that needs one
script reject RUN                 likewise
script resume RUN                 goes on where a run was paused, stopped or killed
script retry RUN                  tries the failed items again
script status [RUN]               the runs, or one of them
script new NAME --template T      a file to begin with: ${TEMPLATES.join(', ')}

  --concurrency <n>    items at once
  --per-second <n>     items begun per second
  --stop-after <n>     failed items after which it stops (${STOP_AFTER_FAILURES_DEFAULT})
  --production         the explicit word for a destructive script on production
  --json               the result in JSON`;

/** Exit code: 0 done, 1 refused or failed to start, 2 usage, 5 some items failed, 130 stopped. */
export async function runScripts(
  scripts: readonly AnyScript[],
  words: readonly string[],
  io: ScriptsIo,
): Promise<number> {
  try {
    return await dispatch(scripts, words, io);
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    io.out.write(`${error.message}\n${error.help}\n`);
    return error.code === 'usage' || error.code === 'not_found' ? 2 : 1;
  }
}

async function dispatch(
  scripts: readonly AnyScript[],
  words: readonly string[],
  io: ScriptsIo,
): Promise<number> {
  const [command, name, ...rest] = words;
  const root = io.env['SILLOK_SCRIPTS_DIR'] ?? RUNS_ROOT_DEFAULT;
  const { own, others } = splitFlags(rest);
  switch (command) {
    case 'list':
      io.out.write(`${scripts.map(listed).join('\n\n')}\n`);
      return 0;
    case 'run': {
      const script = mustFind(scripts, name);
      if (own.help === true) {
        io.out.write(`${listed(script)}\n\n${USAGE}\n`);
        return 0;
      }
      return runOne({ script, words: others, own, root }, io);
    }
    case 'resume':
    case 'retry': {
      const { info } = RunState.open(root, name ?? '');
      if (isAlive(root, info)) return goOn(info, { isRetry: command === 'retry', root }, io);
      const script = mustFind(scripts, info.script);
      mustBeAllowed(script, { isApply: info.mode === 'apply', own }, io);
      const given = { run: info.run, failedOnly: command === 'retry' };
      return ended(await resumeScript(script, given, optionsOf(script, { own, root }, io)), own, io);
    }
    case 'pause':
    case 'stop':
      giveOrder(root, RunState.open(root, name ?? '').info, { order: command, by: user() });
      io.out.write(`${command === 'pause' ? PAUSED : STOPPED}\n`);
      return 0;
    case 'approve':
    case 'reject':
      return decide(command, name ?? '', { scripts, own, root, io });
    case 'new': {
      const file = newScript(name, own.template);
      io.out.write(`${file}: change it to your own, then\n  sillok script --module ./${file} run ${name}\n`);
      return 0;
    }
    case 'status':
      io.out.write(name === undefined ? listText(root) : statusText(root, RunState.open(root, name)));
      return 0;
    default:
      io.out.write(`${USAGE}\n`);
      return command === undefined || command === 'help' ? 0 : 2;
  }
}

const PAUSED = 'It begins no more items until "script resume" of it; what has begun is brought to its end.';
const STOPPED = 'It brings what has begun to its end, and stops.';

/** A paused run goes on where it is; beside one that works there is no second one. */
function goOn(
  { run, state, process: of }: RunInfo,
  { isRetry, root }: { readonly isRetry: boolean; readonly root: string },
  io: ScriptsIo,
): number {
  if (state === 'paused' && !isRetry) {
    takeOrderBack(root, run);
    io.out.write('It goes on in the process that was paused.\n');
    return 0;
  }
  throw new ScriptError(
    'still_running',
    `The run ${run} is ${state}${of === undefined ? '' : ` on ${of.host}, process ${of.pid}`}. Nothing was started.`,
    '"script stop RUN" stops it; "script status RUN" shows how far it is.',
  );
}

interface OneRun {
  readonly script: AnyScript;
  readonly words: readonly string[];
  readonly own: Flags;
  readonly root: string;
}

async function runOne({ script, words, own, root }: OneRun, io: ScriptsIo): Promise<number> {
  const args = readArgs(script.args, words);
  const options = optionsOf(script, { own, root }, io);
  if (own.apply !== true) return ended(await planScript(script, args, options), own, io);
  mustBeAllowed(script, { isApply: true, own }, io);
  if (script.fourEyes === true) return ask({ script, words, own, root }, io);
  return ended(await applyScript(script, { args, plan: own.plan }, options), own, io);
}

/** A login of this machine: nobody else is known on a command line. */
const person = (): Person => ({ id: `os:${user()}`, name: user() });

/** Of a script that needs a second person: the request stands among the runs. */
function ask({ script, words, own, root }: OneRun, io: ScriptsIo): number {
  const { plan } = own;
  mustHavePlan(script, plan);
  const args = readArgs(script.args, words);
  const environment = environmentOf(io);
  const asked = { script: script.name, args, plan, environment, by: person(), reason: undefined };
  const info = requestRun(root, asked);
  getLogger().info(
    { 'event.name': 'script.requested', 'script.run': info.run, 'script.requested_by': info.started_by },
    `${script.name}: ${info.started_by} asks to apply it`,
  );
  io.out.write(statusText(root, RunState.open(root, info.run)));
  return 0;
}

interface Deciding {
  readonly scripts: readonly AnyScript[];
  readonly own: Flags;
  readonly root: string;
  readonly io: ScriptsIo;
}

async function decide(
  command: 'approve' | 'reject',
  run: string,
  { scripts, own, root, io }: Deciding,
): Promise<number> {
  const { info } = RunState.open(root, run);
  const script = mustFind(scripts, info.script);
  const by = person();
  if (command === 'reject') {
    decideRun(root, info, { decision: 'rejected', by });
    io.out.write('Rejected. Nothing was changed.\n');
    return 0;
  }
  mustBeAllowed(script, { isApply: true, own }, io);
  decideRun(root, info, { decision: 'approved', by });
  const { args, plan, started_by: startedBy } = info;
  const options = { ...optionsOf(script, { own, root }, io), run, startedBy, approvedBy: by.name };
  return ended(await applyScript(script, { args: script.args.parse(args), plan }, options), own, io);
}

function mustBeAllowed(
  script: AnyScript,
  { isApply, own }: { readonly isApply: boolean; readonly own: Flags },
  io: ScriptsIo,
): void {
  const isDangerous = isApply && script.isDestructive === true && environmentOf(io) === 'production';
  if (!isDangerous || own.production === true) return;
  throw new ScriptError(
    'production_refused',
    `"${script.name}" changes data, and this is production. Nothing was changed.`,
    'Say so explicitly with --production.',
  );
}

function ended(result: RunResult, own: Flags, io: ScriptsIo): number {
  const { changes, ...rest } = result;
  io.out.write(
    own.json === true ? `${JSON.stringify({ ...rest, changes: changes.length })}\n` : runText(result),
  );
  if (result.end === 'stopped') return 130;
  return result.failures.length > 0 ? 5 : 0;
}

type Flags = ReturnType<typeof splitFlags>['own'];

/** The runner's own flags apart from the script's arguments, which are read by its schema. */
function splitFlags(words: readonly string[]) {
  const mine: string[] = [];
  const others: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const [name = ''] = word.replace(/^--/, '').split('=');
    const flag = Object.entries(RUNNER_FLAGS).find(([known]) => word.startsWith('--') && known === name)?.[1];
    const target = flag === undefined ? others : mine;
    target.push(word);
    const takesNext = flag?.type === 'string' && !word.includes('=');
    if (takesNext && words[index + 1] !== undefined) target.push(words[(index += 1)] ?? '');
  }
  try {
    return { own: parseArgs({ args: mine, options: RUNNER_FLAGS, strict: true }).values, others };
  } catch (error) {
    throw new ScriptError('usage', `${error instanceof Error ? error.message : String(error)}.`, USAGE);
  }
}

function optionsOf(
  script: AnyScript,
  { own, root }: { own: Flags; root: string },
  io: ScriptsIo,
): RunOptions {
  const { out: screen, signal } = io;
  return {
    root,
    logger: getLogger(),
    screen: own.json === true ? { write: () => true } : screen,
    signal,
    environment: environmentOf(io),
    concurrency: Math.min(
      numberOf('--concurrency', own.concurrency) ?? script.concurrency ?? CONCURRENCY_DEFAULT,
      CONCURRENCY_MAX,
    ),
    perSecond: numberOf('--per-second', own['per-second']) ?? script.perSecond,
    stopAfter: numberOf('--stop-after', own['stop-after']) ?? STOP_AFTER_FAILURES_DEFAULT,
  };
}

function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new ScriptError('usage', `${flag} takes a number above 0.`, USAGE);
}

function environmentOf({ env }: ScriptsIo): string {
  return env['SILLOK_ENVIRONMENT'] ?? env['NODE_ENV'] ?? 'development';
}

function mustFind(scripts: readonly AnyScript[], name: string | undefined): AnyScript {
  const script = scripts.find((each) => each.name === name);
  if (script !== undefined) return script;
  const names = scripts.map((each) => each.name).join(', ');
  throw new ScriptError('usage', `There is no script "${name ?? ''}".`, `There are: ${names}.`);
}

function listed({ name, description, args, isDestructive }: AnyScript): string {
  const help = helpOf(args);
  const title = `${name}${isDestructive === true ? '  (changes data)' : ''}`;
  return [title, `  ${description}`, ...(help === '' ? [] : [help])].join('\n');
}

function listText(root: string): string {
  return runsText(listRuns(root).map((info) => ({ ...info, state: stateOf(root, info) })));
}

function statusText(root: string, run: RunState): string {
  const info = { ...run.info, state: stateOf(root, run.info) };
  const changes = plannedChanges(run.directory);
  return runText({ info, failures: run.items('failed'), numbers: info.counts, changes });
}
