/** A thread of a verification: gets the number of a segment, answers its leaves. */
import { parentPort, workerData } from 'node:worker_threads';

import { leavesOfSegment } from './segment-leaves.js';

/** What the thread is started with. */
export interface VerifyWorkerData {
  readonly directory: string;
}

// Started by `segment-threads.ts` only, with exactly this.
const { directory } = workerData as VerifyWorkerData;

parentPort?.on('message', (segment: number) => {
  const found = leavesOfSegment(directory, segment);
  // A copy of its own, so that it can be handed over without another one.
  const leaves = new Uint8Array(found.leaves);
  parentPort?.postMessage({ ...found, leaves }, [leaves.buffer]);
});
