/**
 * Ships every spool under a folder, `<root>/<producer>/<boot>`: those of dead boots, which it puts in order first,
 * and those that other processes are writing, as far as they are proven. A shipper inside such a process holds the
 * spool's shipper lock; then this one leaves it alone.
 */
import { SpoolError, acquireLock, nodeProcesses, parseSegmentFile, recoverSpool } from '@sillok/spool';
import type { Damage, Disk, Lock } from '@sillok/spool';
import { basename, dirname, join } from 'node:path';
import { CURSOR_FILE, SHIPPER_LOCK_FILE } from './filenames.js';
import * as limits from './limits.js';
import { removeEmptyBoot, retireBoot, retireSegments } from './retire.js';
import { withDefaults, type DeliveryOptions, type DeliverySettings } from './settings.js';
import { Shipment, type ShipmentCounts } from './shipment.js';
import { createWaiter } from './waiter.js';

export interface ShipDirectoryOptions extends DeliveryOptions {
  readonly root: string;
  /** Goes on for ever and finds new boots; otherwise it ends when everything that is there is shipped. */
  readonly follow?: boolean | undefined;
  readonly searchEveryMs?: number | undefined;
  /** Folders to leave alone: the own boot of the process that calls. */
  readonly skip?: readonly string[] | undefined;
  /** Failures in a row after which a pass (not following) gives up. */
  readonly attemptsMax?: number | undefined;
  /** Keeps the process alive until it is done (the default: it is a program's main work). */
  readonly keepAlive?: boolean | undefined;
}

export interface ShipSummary {
  readonly spools: number;
  readonly sent: number;
  readonly rejected: number;
  /** Folders of dead boots that were wholly shipped and past their keep time. */
  readonly removed: number;
  /** Folders with records that are not shipped: the server could not be reached. */
  readonly pending: readonly string[];
  /** Folders that another shipper is at: as a rule the living service's own. Nothing is wrong with them. */
  readonly busy: readonly string[];
}

export interface DirectoryShipper {
  /** Resolves when everything is shipped or given up, or after `stop`. Never rejects. */
  readonly done: Promise<ShipSummary>;
  stop(): Promise<ShipSummary>;
  stats(): ShipSummary;
}

export function shipDirectory(options: ShipDirectoryOptions): DirectoryShipper {
  const shipper = new RootShipper(options);
  return { done: shipper.done, stop: () => shipper.stop(), stats: () => shipper.stats() };
}

/** Reasons for which recovery cuts bytes off the end of a segment. */
const CUT_OFF: readonly Damage['reason'][] = ['torn', 'unproven', 'batch-cut'];

type Visit = 'done' | 'busy' | 'unreachable';

class RootShipper {
  readonly done: Promise<ShipSummary>;
  readonly #options: ShipDirectoryOptions;
  readonly #settings: DeliverySettings;
  readonly #abort = new AbortController();
  readonly #waiter = createWaiter();
  readonly #spools = new Map<string, ShipmentCounts>();
  readonly #pending = new Set<string>();
  readonly #busy = new Set<string>();
  /** Dead and wholly shipped: not looked at again before this time. */
  readonly #restUntilMs = new Map<string, number>();
  #removed = 0;

  constructor(options: ShipDirectoryOptions) {
    this.#options = options;
    this.#settings = withDefaults(options);
    this.done = this.#run();
  }

  stop(): Promise<ShipSummary> {
    this.#abort.abort();
    this.#waiter.wake();
    return this.done;
  }

  stats(): ShipSummary {
    const counts = [...this.#spools.values()];
    return {
      spools: counts.length,
      sent: counts.reduce((sum, each) => sum + each.sent, 0),
      rejected: counts.reduce((sum, each) => sum + each.rejected, 0),
      removed: this.#removed,
      pending: [...this.#pending],
      busy: [...this.#busy],
    };
  }

  async #run(): Promise<ShipSummary> {
    const alive =
      this.#options.keepAlive === false ? undefined : setInterval(() => undefined, limits.IDLE_MS);
    do {
      await this.#pass();
      if (this.#options.follow !== true) break;
      await this.#wait(this.#options.searchEveryMs ?? limits.SEARCH_EVERY_MS_DEFAULT);
    } while (!this.#abort.signal.aborted);
    clearInterval(alive);
    if (this.#options.transport === undefined) this.#settings.transport.close();
    return this.stats();
  }

  async #pass(): Promise<void> {
    for (const directory of this.#find()) {
      if (this.#abort.signal.aborted) return;
      if (this.#settings.clockMs() < (this.#restUntilMs.get(directory) ?? 0)) continue;
      const visit = await this.#visit(directory);
      keepIf(visit === 'unreachable', this.#pending, directory);
      keepIf(visit === 'busy', this.#busy, directory);
    }
  }

  #find(): string[] {
    const skip = new Set(this.#options.skip);
    try {
      return findSpools(this.#settings.disk, this.#options.root).filter((directory) => !skip.has(directory));
    } catch (error) {
      this.#settings.report({ type: 'trouble', directory: this.#options.root, reason: String(error) });
      return [];
    }
  }

  /** Ships one spool to its end, holding its shipper lock meanwhile. */
  async #visit(directory: string): Promise<Visit> {
    const { disk, clockMs, report } = this.#settings;
    let lock: Lock | undefined;
    try {
      lock = acquireLock({ disk, directory, clockMs, processes: nodeProcesses, file: SHIPPER_LOCK_FILE });
      const isDead = this.#putInOrder(directory);
      const visit = await this.#ship(directory, isDead);
      if (visit === 'done') this.#retire(directory, isDead);
      return visit;
    } catch (error) {
      if (isLockedError(error)) return 'busy';
      report({ type: 'trouble', directory, reason: String(error) });
      return 'unreachable';
    } finally {
      lock?.release();
    }
  }

  /** Closes what a dead writer left open; false when the writer lives. */
  #putInOrder(directory: string): boolean {
    const { disk, clockMs, report } = this.#settings;
    try {
      const scope = this.#spools.has(directory) ? 'unsealed' : 'all';
      const { damaged } = recoverSpool({ directory, disk, clockMs, scope });
      // What stays in the middle of a segment is told by its reader.
      const cut = damaged.filter(({ reason }) => CUT_OFF.includes(reason));
      for (const lost of cut) report({ type: 'damaged', directory, lost });
      return true;
    } catch (error) {
      if (isLockedError(error)) return false;
      throw error;
    }
  }

  async #ship(directory: string, isDead: boolean): Promise<Visit> {
    const shipment = new Shipment({
      ...this.#settings,
      directory,
      until: () => undefined,
      verifiedOnly: !isDead,
      fallbackHeader: headerFromNames(directory),
    });
    const before = this.#spools.get(directory);
    let failures = 0;
    while (!this.#abort.signal.aborted) {
      const step = await shipment.step(this.#abort.signal);
      this.#spools.set(directory, addCounts(before, shipment.counts));
      if (step.type === 'idle') return 'done';
      failures = step.type === 'sent' ? 0 : failures + 1;
      if (this.#isGivenUp(failures)) return 'unreachable';
      if (step.type === 'wait') await this.#wait(step.waitMs);
      // A living writer always has more; the others get their turn.
      if (step.type === 'sent' && !step.isFull && !isDead) return 'done';
    }
    return 'unreachable';
  }

  #isGivenUp(failures: number): boolean {
    if (this.#options.follow === true) return false;
    return failures >= (this.#options.attemptsMax ?? limits.ATTEMPTS_DEFAULT);
  }

  async #wait(waitMs: number): Promise<void> {
    if (!this.#abort.signal.aborted) await this.#waiter.wait(waitMs);
  }

  #retire(directory: string, isDead: boolean): void {
    const { disk, clockMs, keepMs } = this.#settings;
    const options = { directory, disk, clockMs, keepMs };
    retireSegments(options);
    if (isDead) this.#restUntilMs.set(directory, clockMs() + limits.IDLE_MS);
    if (!isDead || !retireBoot(options)) return;
    if (removeEmptyBoot(disk, directory, [CURSOR_FILE, SHIPPER_LOCK_FILE])) this.#removed += 1;
  }
}

/** Folders that hold segments: the root itself, or up to two levels below it. */
export function findSpools(disk: Disk, root: string): string[] {
  const found: string[] = [];
  let level = [root];
  for (let depth = 0; depth <= limits.SEARCH_DEPTH_MAX; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      const names = disk.list(directory).toSorted();
      if (names.some((name) => parseSegmentFile(name) !== undefined)) found.push(directory);
      else next.push(...names.map((name) => join(directory, name)));
    }
    level = next;
  }
  return found;
}

/** The folder's names say who wrote it, should every header line be damaged. */
function headerFromNames(directory: string): string {
  const producer = decodeURIComponentOrSame(basename(dirname(directory)));
  const boot = decodeURIComponentOrSame(basename(directory));
  return JSON.stringify({ sillok: 1, producer, boot, resource: {}, encoding: 'flat' });
}

function decodeURIComponentOrSame(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function addCounts(before: ShipmentCounts | undefined, now: ShipmentCounts): ShipmentCounts {
  if (before === undefined) return { ...now };
  return {
    sent: before.sent + now.sent,
    rejected: before.rejected + now.rejected,
    batches: before.batches + now.batches,
    failures: before.failures + now.failures,
  };
}

function keepIf(condition: boolean, set: Set<string>, member: string): void {
  if (condition) set.add(member);
  else set.delete(member);
}

function isLockedError(error: unknown): boolean {
  return error instanceof SpoolError && error.code === 'spool_locked';
}
