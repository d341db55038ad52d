/**
 * Who did what to which entity, recorded in the business layer. See docs/guides/audit.md.
 *
 * `record` resolves when the entry is on the disk. `transaction` writes the intent to the disk before the transaction
 * begins, and how it ended after it: a rollback cannot take the intent with it, and an end that nobody saw (the process
 * died, the connection broke at COMMIT) is settled from a row that the same transaction wrote.
 */
import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { newBoot, type AuditEntry, type AuditOutcome } from '@sillok/record';
import { auditBatchTooLarge, SdkError } from '../errors.js';
import { BATCH_ENTITIES_MAX, BATCH_SLICE_ENTRIES, SETTLE_RETRY_MS } from '../limits.js';
import type { Logger } from '../logger.js';
import { getLogger } from '../sillok.js';
import { entryInBatch, partsOf, type BatchPart, type EntryInBatch } from './batch.js';
import { entryOf, writeEntry, type Actor, type Change, type HiddenPaths } from './change.js';
import { AuditDenied } from './errors.js';
import { IntentJournal, type OpenIntent } from './journal.js';
import { takeLeftIntents } from './left-intents.js';
import { mark, settle, type Settled, type Transactions } from './outcomes.js';

export type { EntryInBatch } from './batch.js';

export interface AuditOptions {
  readonly logger?: Logger | undefined;
  /** Databases whose transactions are recorded; what an earlier boot left open in them is settled at once. */
  // Unknown: a settlement queries outside of any transaction, so the type of one does not matter.
  readonly transactions?: readonly Transactions<unknown>[] | undefined;
  /** Who acts when a change does not say so: mostly read from the request's context. */
  readonly actor?: (() => Actor | undefined) | undefined;
  readonly hide?: HiddenPaths | undefined;
  /** Which errors of your own say that it was not allowed, beside `AuditDenied`: their outcome is `denied`. */
  readonly isDenied?: ((error: unknown) => boolean) | undefined;
}

/** Says more about the change while the transaction runs. */
export interface EntryInWork {
  readonly id: string;
  before(value: unknown): void;
  after(value: unknown): void;
  result(value: unknown): void;
}

interface Said {
  before?: unknown;
  after?: unknown;
  result?: unknown;
}

interface Between<Tx, T> {
  readonly id: string;
  readonly outcome: (name: AuditOutcome) => AuditEntry;
  readonly transactions: Transactions<Tx>;
  readonly work: (tx: Tx, entry: EntryInWork) => Promise<T>;
  readonly said: Said;
}

export interface SettledIntent {
  readonly id: string;
  readonly outcome: Settled;
}

export class Audit {
  readonly #logger: Logger;
  readonly #options: AuditOptions;
  readonly #journal: IntentJournal;
  /** Transactions of this process that have not come to their end: their own call records it. */
  readonly #running = new Set<string>();
  readonly #databases = new Map<string, Transactions<unknown>>();
  #timer: NodeJS.Timeout | undefined;
  #settling: Promise<readonly SettledIntent[]> | undefined;

  constructor(options: AuditOptions = {}) {
    this.#options = options;
    this.#logger = options.logger ?? getLogger();
    const { recorder, settings } = this.#logger.runtime;
    const root = resolve(settings.root);
    const { producer, boot } = recorder;
    this.#journal = new IntentJournal({ root, producer, boot });
    for (const each of options.transactions ?? []) this.#databases.set(each.name, each);
    takeLeftIntents(root, boot, (intent) => this.#journal.begin([intent]));
    this.#logger.runtime.onClosed(() => this.#close());
    if (this.#journal.open.length > 0) this.#settleSoon(0);
  }

  /** One entry, on the disk when it resolves with its id. Rejects when it could not be kept. */
  async record(change: Change & { readonly outcome?: AuditOutcome }): Promise<string> {
    const { id = newBoot(), outcome = 'committed' } = change;
    await this.#confirm(this.#entry(change, { id, outcome }));
    return id;
  }

  /**
   * Runs `work` in a transaction between intent and outcome. What it throws is thrown on; `AuditDenied` makes the outcome
   * `denied`. When the end of COMMIT was not seen, the database is asked; when it does not answer, the outcome is
   * `unknown` for now and settled as soon as it does.
   */
  async transaction<Tx, T>(
    change: Change,
    transactions: Transactions<Tx>,
    work: (tx: Tx, entry: EntryInWork) => Promise<T>,
  ): Promise<T> {
    const { id = newBoot() } = change;
    this.#learn(transactions);
    const said: Said = {};
    const outcome = (name: AuditOutcome) => this.#entry({ ...change, ...said }, { id, outcome: name });
    this.#journal.begin([openOf(outcome('intent'), transactions.name)]);
    this.#running.add(id);
    try {
      await this.#confirm(outcome('intent'));
      return await this.#runBetween({ id, outcome, transactions, work, said });
    } finally {
      this.#running.delete(id);
    }
  }

  async #runBetween<Tx, T>({ id, outcome, transactions, work, said }: Between<Tx, T>): Promise<T> {
    let isDone = false;
    let value: T | undefined;
    try {
      await transactions.run(async (tx, execute) => {
        await mark(transactions.dialect, execute, id);
        value = await work(tx, entryInWork(id, said));
        isDone = true;
      });
    } catch (error) {
      // Without the end of the work no COMMIT was sent: it cannot be committed.
      const settled = isDone ? await this.#trySettle(id, transactions.name) : 'rolled_back';
      if (settled !== 'committed') {
        await this.#end(outcome(this.#isDenied(error) ? 'denied' : (settled ?? 'unknown')), error);
        throw error;
      }
    }
    await this.#end(outcome('committed'));
    return value as T; // the work has run to its end
  }

  /**
   * Runs `work` between intent and outcome, without a transaction of ours: `committed` when it resolves, `denied` or `failed`
   * when it rejects. When the process dies in between, the next boot records that the end is unknown: there is nobody to ask.
   */
  async operation<T>(change: Change, work: (entry: EntryInWork) => Promise<T>): Promise<T> {
    const { id = newBoot() } = change;
    const said: Said = {};
    const outcome = (name: AuditOutcome) => this.#entry({ ...change, ...said }, { id, outcome: name });
    this.#journal.begin([openOf(outcome('intent'), NO_TRANSACTIONS)]);
    this.#running.add(id);
    try {
      await this.#confirm(outcome('intent'));
      const value = await work(entryInWork(id, said));
      await this.#end(outcome('committed'));
      return value;
    } catch (error) {
      // What could not be recorded as done stays open; it must not be recorded as failed.
      if (!isNotKept(error)) await this.#end(outcome(this.#isDenied(error) ? 'denied' : 'failed'), error);
      throw error;
    } finally {
      this.#running.delete(id);
    }
  }

  /**
   * As `operation`, around a call that changes many: an intent and an end for each, which share `audit.batch.id`, and one sync of the
   * disk for all intents and one for all ends. `work` says of each what it can; see `EntryInBatch` for what it says nothing of.
   */
  async batch<T>(
    changes: readonly Change[],
    work: (entries: readonly EntryInBatch[]) => Promise<T>,
  ): Promise<T> {
    if (changes.length > BATCH_ENTITIES_MAX) throw auditBatchTooLarge(changes.length);
    const parts = partsOf(changes);
    const intents = parts.map(({ change }) => this.#entry(change, { id: change.id, outcome: 'intent' }));
    if (parts.length > 0) this.#journal.begin(intents.map((intent) => openOf(intent, NO_TRANSACTIONS)));
    for (const { id } of intents) this.#running.add(id);
    try {
      await this.#writeAll(intents.map((entry) => ({ entry })));
      const end = await endOf(() => work(parts.map(entryInBatch)));
      await this.#endAll(parts.map((part) => this.#endOfPart(part, end)));
      if ('error' in end) throw end.error;
      return end.value;
    } finally {
      for (const { id } of intents) this.#running.delete(id);
    }
  }

  /** Says on standard error what of the record is missing; the host's work goes on. */
  notice(text: string): void {
    this.#logger.runtime.notice(text);
  }

  /** Asks the databases about everything that is open; resolves with what they answered. */
  settleOpen(): Promise<readonly SettledIntent[]> {
    // One at a time: two would both record the same end.
    this.#settling ??= this.#settleAll().finally(() => {
      this.#settling = undefined;
    });
    return this.#settling;
  }

  async #settleAll(): Promise<readonly SettledIntent[]> {
    const settled: SettledIntent[] = [];
    for (const intent of this.#journal.open) {
      if (this.#running.has(intent.id)) continue;
      const { transactions, ...said } = intent;
      if (transactions === NO_TRANSACTIONS) {
        await this.#end({ ...said, outcome: 'unknown' });
        this.#journal.end([intent.id]);
        continue;
      }
      const outcome = await this.#trySettle(intent.id, transactions);
      if (outcome === undefined) continue;
      await this.#end({ ...said, outcome });
      settled.push({ id: intent.id, outcome });
    }
    return settled;
  }

  /** Intents whose end is not recorded yet: running transactions, and what is to be settled. */
  get open(): number {
    return this.#journal.open.length;
  }

  /** What an earlier boot left open in this database can be settled from now on. */
  #learn<Tx>(transactions: Transactions<Tx>): void {
    const isNews = !this.#databases.has(transactions.name);
    this.#databases.set(transactions.name, transactions);
    if (isNews && this.#journal.open.length > 0) this.#settleSoon(0);
  }

  async #trySettle(id: string, name: string): Promise<Settled | undefined> {
    const database = this.#databases.get(name);
    if (database === undefined) return undefined;
    try {
      return await settle(database, id);
    } catch {
      this.#settleSoon(SETTLE_RETRY_MS);
      return undefined;
    }
  }

  #settleSoon(delayMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.settleOpen().catch((error: unknown) => {
        this.#logger.runtime.notice(`open audit intents are not settled yet: ${String(error)}`);
        this.#settleSoon(SETTLE_RETRY_MS);
      });
    }, delayMs).unref();
  }

  #endOfPart({ change, end }: BatchPart, whole: Ended<unknown>): Written {
    const own = end ?? whole;
    if (!('error' in own)) return { entry: this.#entry(change, { id: change.id, outcome: 'committed' }) };
    const { error } = own;
    const outcome = this.#isDenied(error) ? 'denied' : 'failed';
    return { entry: this.#entry(change, { id: change.id, outcome }), error };
  }

  #end(entry: AuditEntry, error?: unknown): Promise<void> {
    return this.#endAll([{ entry, error }]);
  }

  /** `unknown` is no end: it stays in the journal. */
  #endAll(ends: readonly Written[]): Promise<void> {
    return this.#writeAll(ends, (written) =>
      this.#journal.end(
        written.filter(({ entry }) => entry.outcome !== 'unknown').map(({ entry }) => entry.id),
      ),
    );
  }

  /** One sync for all. Other work has its turn between two slices. */
  async #writeAll(
    entries: readonly Written[],
    afterSlice: (written: readonly Written[]) => void = () => undefined,
  ): Promise<void> {
    let isWhole = true;
    for (let from = 0; from < entries.length; from += BATCH_SLICE_ENTRIES) {
      if (from > 0) await setImmediate();
      const slice = entries.slice(from, from + BATCH_SLICE_ENTRIES);
      const written = slice.filter(({ entry, error }) => writeEntry(this.#logger, entry, error));
      isWhole &&= written.length === slice.length;
      afterSlice(written);
    }
    if (entries.length > 0) await this.#logger.runtime.confirmAudit(isWhole);
  }

  async #confirm(entry: AuditEntry): Promise<void> {
    await this.#logger.runtime.confirmAudit(writeEntry(this.#logger, entry));
  }

  #entry(change: Change, { id, outcome }: { id: string; outcome: AuditOutcome }): AuditEntry {
    const actor = change.actor ?? this.#options.actor?.() ?? this.#system();
    return entryOf(change, { id, outcome, actor, hidden: this.#options.hide });
  }

  #isDenied(error: unknown): boolean {
    return error instanceof AuditDenied || this.#options.isDenied?.(error) === true;
  }

  #system(): Actor {
    return { type: 'system', id: this.#logger.runtime.settings.service };
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#journal.close();
  }
}

interface Written {
  readonly entry: AuditEntry;
  readonly error?: unknown;
}

type Ended<T> = { readonly value: T } | { readonly error: unknown };

async function endOf<T>(work: () => Promise<T>): Promise<Ended<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

function isNotKept(error: unknown): boolean {
  return error instanceof SdkError && error.code === 'audit_not_kept';
}

/** Of an intent around which no transaction of ours ran. */
const NO_TRANSACTIONS = '';

function openOf(entry: AuditEntry, transactions: string): OpenIntent {
  const {
    outcome: _outcome,
    before: _before,
    after: _after,
    result: _result,
    arguments: _given,
    ...said
  } = entry;
  return { ...said, transactions };
}

function entryInWork(id: string, said: { before?: unknown; after?: unknown; result?: unknown }): EntryInWork {
  return {
    id,
    before: (value) => void (said.before = value),
    after: (value) => void (said.after = value),
    result: (value) => void (said.result = value),
  };
}
