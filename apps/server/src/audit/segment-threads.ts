/**
 * Segments hashed by several threads, handed out in their order. No thread is further ahead of the reader than some segments,
 * so memory stays that of their hashes.
 */
import { Worker } from 'node:worker_threads';

import { VERIFY_SEGMENTS_AHEAD } from '../limits.js';
import { leavesOfSegment, type SegmentLeaves } from './segment-leaves.js';
import type { VerifyWorkerData } from './verify-worker.js';

/** Threads run what was built, with no flags of their own: also when the rest runs from its source, as in tests. */
const PROGRAM = new URL(
  './verify-worker.js',
  import.meta.url.replace('/apps/server/src/', '/apps/server/dist/'),
);

interface Threads {
  readonly directory: string;
  readonly segments: readonly number[];
  readonly threads: number;
}

export async function* segmentsByThreads(asked: Threads): AsyncGenerator<SegmentLeaves> {
  const { directory } = asked;
  const [first, ...segments] = asked.segments;
  const pool = new Pool(directory, Math.min(asked.threads, segments.length));
  const ahead = pool.size * VERIFY_SEGMENTS_AHEAD;
  const answers = segments.slice(0, ahead).map((segment) => pool.ask(segment));
  try {
    // The first one here: the threads take about as long to start.
    if (first !== undefined) yield leavesOfSegment(directory, first);
    for (const index of segments.keys()) {
      const answer = answers.shift();
      const next = segments[index + ahead];
      if (next !== undefined) answers.push(pool.ask(next));
      if (answer !== undefined) yield await answer;
    }
  } finally {
    await pool.stop();
  }
}

interface Waiting {
  readonly resolve: (leaves: SegmentLeaves) => void;
  readonly reject: (error: unknown) => void;
}

/** Each thread answers in the order in which it was asked; who is asked goes round. */
class Pool {
  readonly #workers: readonly Worker[];
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;

  constructor(directory: string, size: number) {
    const workerData: VerifyWorkerData = { directory };
    this.#workers = Array.from({ length: size }, () => new Worker(PROGRAM, { workerData, execArgv: [] }));
    for (const worker of this.#workers) {
      // What our own program answers.
      worker.on('message', (message: SegmentLeaves & { readonly leaves: Uint8Array<ArrayBuffer> }) => {
        const leaves = Buffer.from(message.leaves.buffer);
        this.#waiting.get(message.segment)?.resolve({ ...message, leaves });
        this.#waiting.delete(message.segment);
      });
      worker.on('error', (error) => {
        for (const each of this.#waiting.values()) each.reject(error);
      });
    }
  }

  get size(): number {
    return this.#workers.length;
  }

  ask(segment: number): Promise<SegmentLeaves> {
    const answer = new Promise<SegmentLeaves>((resolve, reject) => {
      this.#waiting.set(segment, { resolve, reject });
      this.#workers[this.#asked % this.#workers.length]?.postMessage(segment);
      this.#asked += 1;
    });
    // Thrown where this segment is read; until then it is not a failure that nobody handles.
    answer.catch(() => undefined);
    return answer;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}
