/**
 * Puts the records of one producer into the queue: one block per retention class, appended together, then one shared
 * fsync. The ledger learns what was appended at once, so that a retry which overtakes the fsync finds its records known
 * and waits for the same fsync.
 */
import { KINDS, type Clock, type Kind, type Resource } from '@sillok/record';
import type { SpoolPosition } from '@sillok/spool';

import type { Ledger } from '../ledger/ledger.js';
import { packRuns, stretchesOf, type Stretch } from '../ledger/stretches.js';
import type { GivenUp, QueueHeader } from '../queue/header.js';
import type { Queue } from '../queue/queue.js';

/** Records in arrays by column; `pieces` are whole lines in the same order. */
export interface ClassBlock {
  readonly kind: Kind;
  readonly seqs: readonly number[];
  readonly timesUs: readonly number[];
  readonly pieces: readonly Buffer[];
}

export interface Submission {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly resource: Resource;
  readonly blocks: readonly ClassBlock[];
  /** Of all blocks together, when the caller has them in order already. */
  readonly stretches?: readonly Stretch[];
  readonly rejected?: readonly GivenUp[];
  readonly dropped?: readonly GivenUp[];
  readonly content?: string;
  readonly protocol?: string;
  readonly touched?: string;
}

export interface CommittedBlock {
  readonly header: QueueHeader;
  readonly from: SpoolPosition;
  readonly to: SpoolPosition;
}

export interface CommitterOptions {
  readonly queue: Queue;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** Called in the order of admission, after the append and before the fsync. */
  onAppended(block: CommittedBlock, lines: readonly Buffer[]): void;
  /** Called in the order of admission, after the fsync. */
  onSafe(block: CommittedBlock): void;
}

interface Waiting {
  readonly block: CommittedBlock;
  isSafe: boolean;
}

export class Committer {
  readonly #options: CommitterOptions;
  /** Blocks whose fsync is awaited, in order. */
  readonly #waiting: Waiting[] = [];

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Resolves when all of it is on disk. Throws a `ServerError` when some of it is not: a retry adds what is missing. */
  async commit(submission: Submission): Promise<void> {
    const own: Waiting[] = [];
    try {
      this.#appendAll(submission, own);
      await this.#options.queue.sync(new Set(own.map(({ block }) => block.header.class)));
      for (const each of own) each.isSafe = true;
    } catch (error) {
      // Nobody is told of them; those behind them are not held up.
      for (const each of own) this.#waiting.splice(this.#waiting.indexOf(each), 1);
      throw error;
    } finally {
      this.#announce();
    }
  }

  /** The same, and blocks. */
  commitNow(submission: Submission): void {
    const own: Waiting[] = [];
    try {
      this.#appendAll(submission, own);
      for (const { block } of own) this.#options.queue.syncNow(block.header.class);
      for (const each of own) each.isSafe = true;
    } catch (error) {
      for (const each of own) this.#waiting.splice(this.#waiting.indexOf(each), 1);
      throw error;
    } finally {
      this.#announce();
    }
  }

  /** What was known needs no append, but the fsync of it may still be under way. */
  async settle(): Promise<void> {
    await this.#options.queue.sync(KINDS);
  }

  /** Into `own`, also what was appended before a failure. */
  #appendAll(submission: Submission, own: Waiting[]): void {
    const { queue, ledger, clock, onAppended } = this.#options;
    try {
      for (const header of headersOf(submission, clock)) {
        const pieces = submission.blocks.find(({ kind }) => kind === header.class)?.pieces ?? [];
        const waiting = { block: { header, ...queue.append(header, pieces) }, isSafe: false };
        this.#waiting.push(waiting);
        own.push(waiting);
        onAppended(waiting.block, pieces);
      }
    } catch (error) {
      for (const { block } of own) ledger.record(block.header);
      throw error;
    }
    ledger.take(submission, allStretches(submission));
  }

  /** One block's fsync may overtake another's; listeners hear of them in order. */
  #announce(): void {
    while (this.#waiting[0]?.isSafe === true) {
      const { block } = this.#waiting[0];
      this.#waiting.shift();
      this.#options.onSafe(block);
    }
  }
}

/** Of all classes together: a batch whose classes alternate is one stretch. */
function allStretches({ blocks, stretches }: Submission): readonly Stretch[] {
  if (stretches !== undefined) return stretches;
  const [first] = blocks;
  if (first === undefined) return [];
  if (blocks.length === 1) return stretchesOf(first.seqs, first.timesUs);
  return stretchesOf(
    blocks.flatMap(({ seqs }) => seqs),
    blocks.flatMap(({ timesUs }) => timesUs),
  );
}

/** What was refused or dropped stands in the first block; without any records a block of its own says it. */
function headersOf(submission: Submission, clock: Clock): QueueHeader[] {
  const { rejected = [], dropped = [] } = submission;
  const given = { ...(rejected.length > 0 && { rejected }), ...(dropped.length > 0 && { dropped }) };
  const hasGiven = rejected.length + dropped.length > 0;
  const empty: ClassBlock[] = hasGiven ? [{ kind: 'log', seqs: [], timesUs: [], pieces: [] }] : [];
  const blocks = submission.blocks.length > 0 ? submission.blocks : empty;
  return blocks.map((block, index) =>
    headerOf(submission, { block, clock, given: index === 0 ? given : {} }),
  );
}

interface HeaderParts {
  readonly block: ClassBlock;
  readonly clock: Clock;
  readonly given: Pick<QueueHeader, 'rejected' | 'dropped'>;
}

function headerOf(submission: Submission, { block, clock, given }: HeaderParts): QueueHeader {
  const { project, producer, boot, resource, content, protocol, touched } = submission;
  return {
    sillok: 1,
    producer,
    boot,
    resource,
    encoding: 'flat',
    project,
    class: block.kind,
    observed_time: clock.now(),
    count: block.seqs.length,
    bytes: block.pieces.reduce((sum, piece) => sum + piece.length, 0),
    seqs: packRuns(stretchesOf(block.seqs, block.timesUs)),
    ...(block.seqs.length > 0 && { times: bounds(block.timesUs) }),
    ...given,
    ...(content !== undefined && { content }),
    ...(protocol !== undefined && { protocol }),
    ...(touched !== undefined && { touched }),
  };
}

function bounds(timesUs: readonly number[]): [number, number] {
  let least = Infinity;
  let most = -Infinity;
  for (const us of timesUs) {
    if (us < least) least = us;
    if (us > most) most = us;
  }
  return [least, most];
}
