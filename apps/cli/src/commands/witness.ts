/**
 * `sillok witness`: keeps checkpoints of a server's audit log under another owner, and says so when the log has not grown out
 * of the one before. Run it where the owner of the server has no access: that is the whole point.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { openWitness, type Seen } from '../audit/witness.js';
import { addServerOptions, clientOf, outputOf, type Output, type ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { WITNESS_INTERVAL_SECONDS_DEFAULT } from '../limits.js';
import type { Finish } from '../program.js';
import { countOption } from '../common.js';
import { safeLine } from '../terminal/safe-text.js';

interface WitnessOptions extends ServerOptions {
  readonly verifier: string;
  readonly directory: string;
  readonly interval: number;
  readonly once?: boolean;
}

export function addWitness(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('witness')
    .description("watch a server's audit log from outside: keep its checkpoints and check that it only grows")
    .requiredOption('--verifier <file>', 'what "audit verifier" printed on the first day')
    .requiredOption('--directory <folder>', 'where the witness keeps its key and what it has seen')
    .option(
      '--interval <seconds>',
      'between two looks',
      countOption('interval'),
      WITNESS_INTERVAL_SECONDS_DEFAULT,
    )
    .option('--once', 'look once, for a job of your scheduler');
  addServerOptions(command).action((options: WitnessOptions) => finish(() => witness(options, io)));
}

async function witness(options: WitnessOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const look = openWitness({
    http: clientOf(options, io).http,
    directory: options.directory,
    verifierText: verifierOf(options.verifier),
  });
  for (;;) {
    const seen = await look(io.signal);
    if (io.signal.aborted) return EXIT.interrupted;
    report(seen, output, io);
    if (options.once === true) return seen.ok ? EXIT.ok : EXIT.partly;
    await pause(options.interval * 1000, io.signal);
    if (io.signal.aborted) return EXIT.interrupted;
  }
}

function report(seen: Seen, output: Output, io: Io): void {
  output.data(seen);
  const { colours } = output;
  if (seen.ok) {
    output.text(`${colours.good('✓')} ${new Date().toISOString()} ${seen.size} entries, cosigned`);
    return;
  }
  // Silence and forgery are both alarms: they go to standard error also with --json.
  io.err.write(`${colours.bad('✗')} ${new Date().toISOString()} ${safeLine(seen.problem)}\n`);
}

function verifierOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw usageError(
      `${safeLine(path)} cannot be read`,
      'Write the output of "sillok audit verifier" into it.',
    );
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
