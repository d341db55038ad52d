/** `sillok replay`: holds a second database against the audit trail, and mends it. The replays are in a module of yours. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { closeLog, runReplays, type Replay } from '@sillok/admin';
import type { Command } from 'commander';
import { ROUTES, type ReplayShape } from '@sillok/api';
import { addServerOptions, clientOf, keepTerminalFree, outputOf, targetOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

/** Those that write records of their own. */
const RECORDING: ReadonlySet<string> = new Set(['run', 'follow', 'check']);

interface ReplayOptions extends ServerOptions {
  readonly module?: string;
}

export function addReplay(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('replay')
    .description(
      'hold a second database against the audit trail: list · drift · run · follow · check · status · jobs',
    )
    .option('--module <file>', 'module that exports the replays (SILLOK_REPLAYS)')
    .argument('[words...]', 'as in: drift NAME --from -1d; "replay help" explains them')
    .passThroughOptions()
    .allowUnknownOption();
  addServerOptions(command).action((given: string[], options: ReplayOptions) =>
    finish(async () => {
      const json = options.json === true || given.includes('--json');
      if (given[0] === 'status') return status({ ...options, json }, io);
      const { url, key } = targetOf(options, io);
      const words = json && !given.includes('--json') ? [...given, '--json'] : given;
      const env = { ...io.env, SILLOK_URL: url, ...(key === undefined ? {} : { SILLOK_KEY: key }) };
      const code = await runReplays(await loadReplays(options.module, words, io), words, { ...io, env });
      if (RECORDING.has(words[0] ?? '')) await closeLog();
      return code;
    }),
  );
}

/** What the server has heard of them; needs no module. */
async function status(options: ReplayOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const answer = await http.json<{ readonly replays: readonly ReplayShape[] }>({ path: ROUTES.replays });
  output.data(answer);
  const columns = ['replay', 'does', 'state', 'behind', 'differs', 'last heard', 'writes to'];
  const rows = answer.replays.map((replay) => {
    const { name, mode, state, lag_ms: lagMs, heard_at: heardAt, sink } = replay;
    return [
      safeLine(name),
      mode,
      state,
      lagMs === null ? '' : `${(lagMs / 1000).toFixed(1)} s`,
      differsText(replay),
      heardAt.slice(0, 19).replace('T', ' '),
      safeLine(sink),
    ];
  });
  output.text(tableText({ columns, rows, colours: output.colours }));
  if (rows.length === 0) output.note('No replay was heard of: "replay follow" and "replay check" speak up.');
  const isWell = answer.replays.every(({ state }) => state === 'running' || state === 'stopped');
  return isWell ? EXIT.ok : EXIT.partly;
}

function differsText({ found, left }: ReplayShape): string {
  if (found !== null) return `${found.missing + found.stale + found.not_deleted} of ${found.compared}`;
  return (left ?? 0) === 0 ? '' : `${left} not taken`;
}

async function loadReplays(module: string | undefined, words: readonly string[], io: Io): Promise<Replay[]> {
  const name = module ?? io.env['SILLOK_REPLAYS'];
  if (name === undefined || name === '') {
    if (words.length === 0 || words[0] === 'help' || words[0] === 'jobs') return [];
    throw usageError(
      'no module with replays',
      'Name it: sillok replay --module ./replays.mjs list (or SILLOK_REPLAYS).',
    );
  }
  keepTerminalFree();
  const path = resolve(name);
  if (!existsSync(path))
    throw usageError(`${safeLine(name)} is not there`, 'Name the module that exports your replays.');
  const exports: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const replays = Object.values(exports).filter(isReplay);
  if (replays.length > 0) return replays;
  throw usageError(
    `${safeLine(name)} exports no replay`,
    'Export what defineReplay() of @sillok/admin returns.',
  );
}

function isReplay(value: unknown): value is Replay {
  return typeof value === 'object' && value !== null && 'sink' in value && 'document' in value;
}
