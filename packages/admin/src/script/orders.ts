/**
 * Pause and stop from elsewhere: another terminal, the console. An order is a file in the folder of the run, which the run looks for.
 * It acts between items: what has begun is brought to its end, so that nothing is left half done.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { nodeProcesses } from '@sillok/spool';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { orderFile, runDirectory, runFile } from '../filenames.js';
import { ORDER_INTERVAL_MS, RUN_SILENT_MS_MAX } from '../limits.js';
import type { RunInfo } from './run-state.js';

const orderShape = z.object({ order: z.enum(['pause', 'stop']), by: z.string() });

export type Order = z.infer<typeof orderShape>;

/** For a run that is alive; throws a `ScriptError` otherwise. */
export function giveOrder(root: string, info: RunInfo, order: Order): void {
  if (!isAlive(root, info)) {
    throw new ScriptError(
      'not_running',
      `The run ${info.run} does not run: ${stateOf(root, info) === 'killed' ? 'it was killed' : info.state}. Nothing was changed.`,
      '"script resume RUN" goes on with it.',
    );
  }
  const path = orderFile(runDirectory(root, info.run));
  writeFileSync(`${path}.tmp`, `${JSON.stringify(order)}\n`);
  renameSync(`${path}.tmp`, path);
}

export function takeOrderBack(root: string, run: string): void {
  rmSync(orderFile(runDirectory(root, run)), { force: true });
}

/** What a run says of itself, and `killed` when nobody works on it any more. */
export function stateOf(root: string, info: RunInfo): RunInfo['state'] | 'killed' {
  const isOver = info.state !== 'running' && info.state !== 'paused';
  return isOver || isAlive(root, info) ? info.state : 'killed';
}

/** A run writes its state down every second; one on this machine whose process is gone was killed. */
export function isAlive(root: string, { run, state, process: of }: RunInfo): boolean {
  if (state !== 'running' && state !== 'paused') return false;
  const silentMs = Date.now() - statSync(runFile(runDirectory(root, run))).mtimeMs;
  if (silentMs > RUN_SILENT_MS_MAX) return false;
  if (of === undefined) return true;
  // A pid is used again: its start and the boot of its machine tell whether this is still the one.
  return nodeProcesses.liveness({ pid: of.pid, start: of.start, host: of.machine }) !== 'dead';
}

export interface OrdersOptions {
  readonly directory: string;
  /** Of Ctrl-C: ends a pause, too. */
  readonly signal: AbortSignal;
  readonly onChange: (order: Order | undefined) => void;
}

/** What a run was told since it began. `turn()` resolves when it may go on. */
export class Orders {
  readonly #path: string;
  readonly #stop = new AbortController();
  readonly #onChange: OrdersOptions['onChange'];
  readonly #timer: NodeJS.Timeout;
  readonly signal: AbortSignal;
  #order: Order | undefined;
  #waiting: (() => void)[] = [];

  constructor({ directory, signal, onChange }: OrdersOptions) {
    this.#path = orderFile(directory);
    this.#onChange = onChange;
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
    this.signal.addEventListener('abort', () => this.#goOn(), { once: true });
    // One of an earlier part of the run has been followed.
    rmSync(this.#path, { force: true });
    // Not unref'd: a paused run has nothing else that keeps its process.
    this.#timer = setInterval(() => this.#look(), ORDER_INTERVAL_MS);
  }

  get isPaused(): boolean {
    return this.#order?.order === 'pause' && !this.signal.aborted;
  }

  async turn(): Promise<void> {
    if (this.isPaused) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
  }

  close(): void {
    clearInterval(this.#timer);
    rmSync(this.#path, { force: true });
  }

  #look(): void {
    const order = tryOrder(this.#path);
    if (order?.order === this.#order?.order || this.signal.aborted) return;
    this.#order = order;
    this.#onChange(order);
    if (order?.order === 'stop') this.#stop.abort();
    else if (order === undefined) this.#goOn();
  }

  #goOn(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A file that is none of ours orders nothing. */
function tryOrder(path: string): Order | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return orderShape.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data;
  } catch {
    return undefined;
  }
}
