/** `sillok script`: runs the scripts of a module of yours, with dry run, progress, resume and a record of all of it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { closeLog, runScripts, type AnyScript } from '@sillok/admin';
import type { Command } from 'commander';
import { addJsonOption, keepTerminalFree } from '../common.js';
import { usageError } from '../errors.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';

/** Those that write records of their own: the notice to a script's owner must not wait for the next start. */
const RECORDING: ReadonlySet<string> = new Set(['run', 'approve', 'resume', 'retry']);

export function addScript(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('script')
    .description(
      'list and run scripts: list · run · pause · stop · approve · reject · resume · retry · status · new',
    )
    .option('--module <file>', 'module that exports the scripts (SILLOK_SCRIPTS)')
    .argument('[words...]', 'as in: run NAME --flag value; "script help" explains them')
    .passThroughOptions()
    .allowUnknownOption();
  addJsonOption(command).action((given: string[], options: { module?: string; json?: boolean }) =>
    finish(async () => {
      const words = options.json === true ? [...given, '--json'] : given;
      const code = await runScripts(await loadScripts(options.module, words, io), words, io);
      if (RECORDING.has(words[0] ?? '')) await closeLog();
      return code;
    }),
  );
}

const NO_MODULE: ReadonlySet<string> = new Set(['help', 'status', 'new', 'pause', 'stop']);

async function loadScripts(
  module: string | undefined,
  words: readonly string[],
  io: Io,
): Promise<AnyScript[]> {
  const name = module ?? io.env['SILLOK_SCRIPTS'];
  const needsNone = words.length === 0 || NO_MODULE.has(words[0] ?? '');
  if (name === undefined || name === '') {
    if (needsNone) return [];
    throw usageError(
      'no module with scripts',
      'Name it: sillok script --module ./scripts.mjs list (or SILLOK_SCRIPTS).',
    );
  }
  keepTerminalFree();
  const path = resolve(name);
  if (!existsSync(path))
    throw usageError(`${safeLine(name)} is not there`, 'Name the module that exports your scripts.');
  const exports: Readonly<Record<string, unknown>> = await import(pathToFileURL(path).href);
  const scripts = Object.values(exports).filter(isScript);
  if (scripts.length > 0) return scripts;
  throw usageError(
    `${safeLine(name)} exports no script`,
    'Export what defineScript() of @sillok/admin returns.',
  );
}

function isScript(value: unknown): value is AnyScript {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'items' in value && 'each' in value
  );
}
