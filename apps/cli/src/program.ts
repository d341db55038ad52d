/** The command line as a table of contents. `docs/reference/cli.md` is generated from what stands here. */
import { Command, CommanderError } from 'commander';
import { addAdmin } from './commands/admin.js';
import { addAudit } from './commands/audit.js';
import { addBrowser } from './commands/browser.js';
import { addAlert } from './commands/alert.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addIdentity } from './commands/identity.js';
import { addRoute } from './commands/route.js';
import { addKey } from './commands/key.js';
import { addPour } from './commands/pour.js';
import { addScript } from './commands/script.js';
import { addSearch } from './commands/search.js';
import { addServe } from './commands/serve.js';
import type { ServeSetting } from './commands/serve.js';
import { addShip } from './commands/ship.js';
import { addSourceMaps } from './commands/sourcemaps.js';
import { addSql } from './commands/sql.js';
import { addTail } from './commands/tail.js';
import { addUser } from './commands/user.js';
import { addVerify } from './commands/verify.js';
import { addWitness } from './commands/witness.js';
import { addErrors } from './commands/errors.js';
import { addImpact } from './commands/impact.js';
import { addMap } from './commands/map.js';
import { addPatterns } from './commands/patterns.js';
import { addPerson } from './commands/person.js';
import { addReplay } from './commands/replay.js';
import { addRetries } from './commands/retries.js';
import { addTrace } from './commands/trace.js';
import { addTrends } from './commands/trends.js';
import { addWhy } from './commands/why.js';
import { toProblem } from './errors.js';
import { EXIT, EXIT_HELP } from './exit-codes.js';
import type { Io } from './io.js';
import { createColours, wantsColour } from './terminal/colours.js';
import { pointerLines } from './terminal/pointer.js';
import { safeLine } from './terminal/safe-text.js';

/** Runs the work of a command and keeps its exit code. */
export type Finish = (work: () => Promise<number>) => Promise<void>;

export interface ProgramOptions {
  readonly io: Io;
  readonly version: string;
  /** Flags of `serve`; empty when another command runs. */
  readonly settings: readonly ServeSetting[];
}

export function createProgram(options: ProgramOptions, finish: Finish): Command {
  const { io, version, settings } = options;
  const program = new Command('sillok')
    .description('The record of your service: take it in, search it, follow it, hand it on.')
    .version(version)
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.out.write(text),
      writeErr: (text) => void io.err.write(text),
    })
    .addHelpText(
      'after',
      `\nExit codes: ${EXIT_HELP.map(({ code, meaning }) => `${code} ${meaning}`).join('; ')}.`,
    );
  addServe(program, settings, { io, finish });
  addTail(program, io, finish);
  addSearch(program, io, finish);
  addSql(program, io, finish);
  addPerson(program, io, finish);
  addTrace(program, io, finish);
  addRetries(program, io, finish);
  addWhy(program, io, finish);
  addErrors(program, io, finish);
  addPatterns(program, io, finish);
  addImpact(program, io, finish);
  addMap(program, io, finish);
  addTrends(program, io, finish);
  addPour(program, io, finish);
  addShip(program, io, finish);
  addExport(program, io, finish);
  addKey(program, io, finish);
  addUser(program, io, finish);
  addAlert(program, io, finish);
  addBrowser(program, io, finish);
  addSourceMaps(program, io, finish);
  addIdentity(program, io, finish);
  addRoute(program, io, finish);
  addVerify(program, io, finish);
  addAudit(program, io, finish);
  addWitness(program, io, finish);
  addAdmin(program, io, finish);
  addScript(program, io, finish);
  addReplay(program, io, finish);
  addDoctor(program, io, finish);
  return program;
}

/** Runs one command line and answers its exit code. Never throws. */
export async function runCli(args: readonly string[], options: ProgramOptions): Promise<number> {
  const { io } = options;
  let exitCode: number = EXIT.ok;
  const program = createProgram(options, async (work) => {
    exitCode = await work();
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return fail(error, args.includes('--json'), io);
  }
}

function fail(error: unknown, json: boolean, io: Io): number {
  const { code, message, help, exitCode, pointer } = toProblem(error);
  if (exitCode === EXIT.interrupted) return exitCode;
  if (json) {
    io.err.write(`${JSON.stringify({ error: { code, message, help, ...pointer } })}\n`);
    return exitCode;
  }
  const colours = createColours(wantsColour(io.err, io.env));
  io.err.write(`${colours.bad('sillok:')} ${safeLine(message)}\n`);
  const lines = pointer ? pointerLines(pointer.query, pointer) : [];
  for (const line of lines) io.err.write(`${line}\n`);
  if (help !== '') io.err.write(`${colours.dim(safeLine(help))}\n`);
  return exitCode;
}
