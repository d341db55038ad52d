/**
 * What Sillok costs this very service: it is started with and without, in turns, and asked the same as fast as it answers.
 * Pairs in turns and their median, because the machine is never quiet.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { pause } from '../files/send.js';
import {
  OVERHEAD_CONNECTIONS,
  OVERHEAD_PAIRS,
  OVERHEAD_POLL_MS,
  OVERHEAD_REQUESTS,
  OVERHEAD_START_MS_MAX,
} from '../limits.js';
import { request, runLoad } from './load.js';
import type { LoadResult } from './load.js';

export interface OverheadOptions {
  /** Starts the service as it is. */
  readonly command: string;
  /** Starts it without Sillok; by default the same command with SILLOK_DISABLED=1. */
  readonly without: string | undefined;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onRound: (text: string) => void;
}

export interface Overhead {
  readonly with: LoadResult;
  readonly without: LoadResult;
  /** Requests per second with, divided by without: the median of the pairs. */
  readonly ratio: number;
  readonly pairs: readonly number[];
}

const WARM_UP_SHARE = 0.2;

export async function measureOverhead(options: OverheadOptions): Promise<Overhead> {
  const pairs: { with: LoadResult; without: LoadResult; ratio: number }[] = [];
  for (let round = 1; round <= OVERHEAD_PAIRS; round += 1) {
    // The order changes each round, so that neither side always has the warmer machine.
    const first = round % 2 === 1;
    const one = await measureOnce(options, first);
    const two = await measureOnce(options, !first);
    const [withIt, without] = first ? [one, two] : [two, one];
    pairs.push({ with: withIt, without, ratio: withIt.perSecond / without.perSecond });
    options.onRound(
      `pair ${round} of ${OVERHEAD_PAIRS}: ${(withIt.perSecond / without.perSecond).toFixed(2)}`,
    );
  }
  const sorted = pairs.toSorted((a, b) => a.ratio - b.ratio);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (!median) throw new Error('no pair was measured');
  return { ...median, pairs: pairs.map(({ ratio }) => ratio) };
}

async function measureOnce(options: OverheadOptions, withSillok: boolean): Promise<LoadResult> {
  const command = withSillok ? options.command : (options.without ?? options.command);
  // A folder of its own shows whether the service still records when it should not.
  const spool = mkdtempSync(join(tmpdir(), 'sillok-overhead-'));
  const env = { ...options.env, SILLOK_SPOOL_DIR: spool, ...(withSillok ? {} : { SILLOK_DISABLED: '1' }) };
  const service = spawn(command, { shell: true, env, stdio: 'ignore', detached: true });
  try {
    await untilAnswering(service, options);
    const load = { url: options.url, connections: OVERHEAD_CONNECTIONS };
    await runLoad({ ...load, requests: Math.ceil(OVERHEAD_REQUESTS * WARM_UP_SHARE) });
    const result = await runLoad({ ...load, requests: OVERHEAD_REQUESTS });
    if (!withSillok && readdirSync(spool).length > 0) throw stillRecording(command);
    return result;
  } finally {
    await stop(service);
    rmSync(spool, { recursive: true, force: true });
  }
}

async function untilAnswering(service: ChildProcess, options: OverheadOptions): Promise<void> {
  const untilMs = Date.now() + OVERHEAD_START_MS_MAX;
  for (;;) {
    const failure: unknown = await request(options.url).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) return;
    if (service.exitCode !== null || Date.now() > untilMs) throw notAnswering(options, failure);
    await pause(OVERHEAD_POLL_MS, options.signal);
  }
}

/** The shell and everything it started. */
async function stop(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null || service.pid === undefined) return;
  const ended = new Promise((resolve) => service.once('exit', resolve));
  process.kill(-service.pid, 'SIGTERM');
  await ended;
}

function stillRecording(command: string): CliError {
  return new CliError({
    code: 'still_recording',
    message: `"${command}" records with SILLOK_DISABLED=1, too: there is nothing to compare with`,
    help: 'Give a command that starts your service without Sillok with --without.',
    exitCode: EXIT.failed,
  });
}

function notAnswering(options: OverheadOptions, cause: unknown): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CliError({
    code: 'service_silent',
    message: `"${options.command}" does not answer at ${options.url}: ${reason}`,
    help: 'Give the command that starts your service with --run and an address that it answers with --get.',
    exitCode: EXIT.failed,
  });
}
