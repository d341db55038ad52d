/** The identity room, opened and closed as one: the keys, and the links of people that follow the queue. */
import { join } from 'node:path';

import { LINKS_FILE } from '../filenames.js';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Queue } from '../queue/queue.js';
import { LinkFollower } from './follow.js';
import { openKeyRoom, type KeyRoom } from './key-room.js';
import type { Admission } from '../seams.js';
import type { PersonGraph } from './person-graph.js';
import { Views } from './views.js';

export interface IdentityRoom extends KeyRoom {
  /** Who is who in a project, with everything that was acknowledged by now. */
  graph(project: string): Promise<PersonGraph>;
  readonly views: Views;
  stop(): Promise<void>;
}

export interface IdentityRoomOptions {
  /** Of the keys: apart from data, so that a backup of the one does not hold the other. */
  readonly directory: string;
  /** Of the data: links are pseudonyms only. */
  readonly dataDirectory: string;
  readonly queue: Pick<Queue, 'directoryOf' | 'synced'>;
  /** For the entries about who looked at whom. */
  readonly admission: Admission;
  readonly log: Log;
  readonly metrics: Metrics;
}

export function openIdentity(options: IdentityRoomOptions): IdentityRoom {
  const { directory, dataDirectory, queue, admission, log, metrics } = options;
  const refused = metrics.counter(
    'sillok_identity_links_refused_total',
    'Pseudonyms and indexes that were not linked: there were too many',
  );
  const follower = new LinkFollower({ path: join(dataDirectory, LINKS_FILE), queue, log, refused });
  return {
    ...openKeyRoom(directory, log),
    views: new Views(admission),
    async graph(project) {
      await follower.catchUp();
      return follower.graph(project);
    },
    stop: () => follower.stop(),
  };
}
