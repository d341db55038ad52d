/**
 * Foreign requests that were taken, by the hash of their content, so that a retry adds nothing. Filled from batch
 * headers: after a restart the queue says the same as before.
 */
import type { Kind } from '@sillok/record';

import { CONTENT_WINDOW_MAX, CONTENT_WINDOW_MS } from '../limits.js';
import type { QueueHeader } from '../queue/header.js';

export interface ContentPart {
  readonly project: string;
  readonly protocol: string;
  readonly content: string;
  readonly kind: Kind;
}

export class ContentWindow {
  /** Part → when it was taken. Oldest first. */
  readonly #taken = new Map<string, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#taken.size;
  }

  has(part: ContentPart): boolean {
    const takenMs = this.#taken.get(keyOf(part));
    return takenMs !== undefined && this.#nowMs() - takenMs < CONTENT_WINDOW_MS;
  }

  record(header: QueueHeader): void {
    const { project, protocol, content, class: kind } = header;
    if (content === undefined || protocol === undefined) return;
    this.restore(keyOf({ project, protocol, content, kind }), Date.parse(header.observed_time));
  }

  restore(key: string, takenMs: number): void {
    this.#taken.set(key, takenMs);
    if (this.#taken.size <= CONTENT_WINDOW_MAX) return;
    for (const oldest of this.#taken.keys()) {
      this.#taken.delete(oldest);
      return;
    }
  }

  entries(): IterableIterator<[string, number]> {
    return this.#taken.entries();
  }
}

function keyOf({ project, protocol, content, kind }: ContentPart): string {
  return `${project}\n${protocol}\n${content}\n${kind}`;
}
