/**
 * Ships one spool beside its writer, in the writer's own process. Sends when the writer has synced something,
 * waits when the server cannot take it, and never throws into the host, blocks it or keeps it alive.
 */
import { acquireLock, nodeProcesses, type Lock, type SpoolPosition } from '@sillok/spool';
import { SHIPPER_LOCK_FILE } from './filenames.js';
import * as limits from './limits.js';
import { retireSegments } from './retire.js';
import { withDefaults, type DeliveryOptions, type DeliverySettings } from './settings.js';
import { Shipment, type Step } from './shipment.js';
import { createWaiter } from './waiter.js';

/** The writer of the spool, as far as the shipper needs it: a SpoolWriter fits. */
export interface ShipSource {
  readonly synced: SpoolPosition;
  onSynced(listener: () => void): () => void;
  sync(): Promise<unknown>;
}

export interface ShipperOptions extends DeliveryOptions {
  /** One spool. */
  readonly directory: string;
  /** Absent when the writer lives in another process, or not at all: then what is proven on the disk is sent. */
  readonly source?: ShipSource | undefined;
}

export interface ShipperStats {
  readonly sent: number;
  readonly rejected: number;
  readonly batches: number;
  readonly failures: number;
  readonly settledThrough: number;
  readonly position: SpoolPosition | undefined;
  /** `locked`: another shipper holds this spool. */
  readonly state: 'new' | 'idle' | 'sending' | 'waiting' | 'locked' | 'stopped';
}

export interface StopOptions {
  /** Send first what is there. */
  readonly flush?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface Shipper {
  start(): void;
  /** Never rejects. `flushed`: the server has confirmed everything that was appended before the call. */
  stop(options?: StopOptions): Promise<{ readonly flushed: boolean }>;
  /** True once the server has confirmed every record up to this seq; false when the shipper stopped before. */
  settled(seq: number): Promise<boolean>;
  stats(): ShipperStats;
}

export function createShipper(options: ShipperOptions): Shipper {
  return new SpoolShipper(options);
}

interface SettledWaiter {
  readonly seq: number;
  readonly resolve: (isSettled: boolean) => void;
}

class SpoolShipper implements Shipper {
  readonly #options: ShipperOptions;
  readonly #settings: DeliverySettings;
  readonly #waiter = createWaiter();
  readonly #abort = new AbortController();
  #state: ShipperStats['state'] = 'new';
  #loop: Promise<void> | undefined;
  #stopped: Promise<{ flushed: boolean }> | undefined;
  #lock: Lock | undefined;
  #shipment: Shipment | undefined;
  #settledWaiters: SettledWaiter[] = [];
  #unsubscribe: (() => void) | undefined;
  #hasNews = false;
  #isStopping = false;
  #retiredMs = Number.NEGATIVE_INFINITY;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#settings = withDefaults(options);
  }

  start(): void {
    if (this.#loop !== undefined || this.#isStopping) return;
    this.#unsubscribe = this.#options.source?.onSynced(() => this.#onNews());
    this.#loop = this.#run();
  }

  stop(options: StopOptions = {}): Promise<{ readonly flushed: boolean }> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  settled(seq: number): Promise<boolean> {
    if ((this.#shipment?.settledThrough ?? 0) >= seq) return Promise.resolve(true);
    if (this.#state === 'stopped') return Promise.resolve(false);
    return new Promise((resolve) => this.#settledWaiters.push({ seq, resolve }));
  }

  stats(): ShipperStats {
    const counts = this.#shipment?.counts ?? { sent: 0, rejected: 0, batches: 0, failures: 0 };
    const settledThrough = this.#shipment?.settledThrough ?? 0;
    return { ...counts, settledThrough, position: this.#shipment?.position, state: this.#state };
  }

  #onNews(): void {
    this.#hasNews = true;
    // A batch that lingers and a server that rests are left alone.
    if (this.#state === 'idle') this.#waiter.wake();
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const step = await this.#turn();
      if (this.#isStopping) return;
      await this.#pause(step);
    }
  }

  /** One step, or a reason to wait. */
  async #turn(): Promise<Step | 'locked'> {
    this.#hasNews = false;
    const shipment = this.#open();
    this.#state = shipment === undefined ? 'locked' : 'sending';
    if (shipment === undefined) return 'locked';
    const step = await shipment.step(this.#abort.signal);
    this.#tellSettled(shipment.settledThrough);
    if (step.type === 'idle') this.#retire();
    return step;
  }

  async #pause(step: Step | 'locked'): Promise<void> {
    if (step === 'locked') {
      await this.#waiter.wait(limits.LOCK_RETRY_MS);
    } else if (step.type === 'wait') {
      this.#state = 'waiting';
      await this.#waiter.wait(step.waitMs);
    } else if (step.type === 'sent') {
      this.#state = 'waiting';
      if (!step.isFull) await this.#waiter.wait(this.#settings.lingerMs);
    } else if (!this.#hasNews) {
      this.#state = 'idle';
      await this.#waiter.wait(this.#options.source === undefined ? limits.POLL_MS_DEFAULT : limits.IDLE_MS);
    }
  }

  /** The shipment, once this is the only shipper of the spool. */
  #open(): Shipment | undefined {
    if (this.#lock !== undefined && !this.#lock.refresh()) this.#forget();
    if (this.#shipment !== undefined) return this.#shipment;
    const { directory, source } = this.#options;
    const { disk, clockMs, report } = this.#settings;
    try {
      this.#lock ??= acquireLock({
        disk,
        directory,
        clockMs,
        processes: nodeProcesses,
        file: SHIPPER_LOCK_FILE,
      });
      const until = (): SpoolPosition | undefined => source?.synced;
      this.#shipment = new Shipment({
        ...this.#settings,
        directory,
        until,
        verifiedOnly: source === undefined,
      });
    } catch (error) {
      const isHeld = error instanceof Error && 'code' in error && error.code === 'spool_locked';
      if (!isHeld) report({ type: 'trouble', directory, reason: String(error) });
    }
    return this.#shipment;
  }

  /** Another shipper took the spool over: begin anew, from its cursor, when it lets go. */
  #forget(): void {
    this.#lock = undefined;
    this.#shipment = undefined;
  }

  #retire(): void {
    const { directory } = this.#options;
    const { disk, clockMs, keepMs, report } = this.#settings;
    if (clockMs() - this.#retiredMs < limits.RETIRE_EVERY_MS) return;
    this.#retiredMs = clockMs();
    try {
      retireSegments({ directory, disk, clockMs, keepMs });
    } catch (error) {
      report({ type: 'trouble', directory, reason: String(error) });
    }
  }

  #tellSettled(through: number): void {
    if (this.#settledWaiters.length === 0) return;
    for (const { seq, resolve } of this.#settledWaiters) if (seq <= through) resolve(true);
    this.#settledWaiters = this.#settledWaiters.filter(({ seq }) => seq > through);
  }

  async #stop(options: StopOptions): Promise<{ flushed: boolean }> {
    this.#isStopping = true;
    this.#unsubscribe?.();
    if (options.flush !== true) this.#abort.abort();
    // This one timer does keep the process alive: the host is waiting for the flush.
    const timer = setTimeout(() => this.#giveUp(), options.timeoutMs ?? limits.FLUSH_TIMEOUT_MS_DEFAULT);
    this.#waiter.wake();
    await this.#loop;
    const flushed = options.flush === true && (await this.#flush());
    clearTimeout(timer);
    this.#letGo();
    return { flushed };
  }

  #giveUp(): void {
    this.#abort.abort();
    this.#waiter.wake();
  }

  async #flush(): Promise<boolean> {
    try {
      await Promise.race([this.#options.source?.sync(), aborted(this.#abort.signal)]);
    } catch {
      // What could not be synced is not promised; the rest is sent.
    }
    while (!this.#abort.signal.aborted) {
      const step = await this.#turn();
      if (step === 'locked') return false;
      if (step.type === 'idle') return true;
      if (step.type === 'wait' && !this.#abort.signal.aborted) await this.#waiter.wait(step.waitMs);
    }
    return false;
  }

  #letGo(): void {
    this.#state = 'stopped';
    for (const { resolve } of this.#settledWaiters) resolve(false);
    this.#settledWaiters = [];
    this.#lock?.release();
    // A transport that was handed in belongs to its owner.
    if (this.#options.transport === undefined) this.#settings.transport.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
