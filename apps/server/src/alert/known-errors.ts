/** Which errors were seen before, and when last: to tell new ones, and ones that came back. */
import { CAME_BACK_MS, KNOWN_ERRORS_MAX } from './limits.js';

export interface KnownError {
  readonly id: string;
  lastMs: number;
}

export class KnownErrors {
  readonly #byId = new Map<string, KnownError & { readonly q?: string }>();

  load(errors: readonly KnownError[]): void {
    for (const error of errors) this.#byId.set(error.id, error);
  }

  /** Oldest sight first, without what can be made again. */
  list(): readonly KnownError[] {
    return [...this.#byId.values()].map(({ id, lastMs }) => ({ id, lastMs }));
  }

  searchOf(id: string): string | undefined {
    return this.#byId.get(id)?.q;
  }

  /** True for an error that is new, or was quiet so long that it came back. */
  seen({ id, q }: { id: string; q: string }, nowMs: number): boolean {
    const known = this.#byId.get(id);
    this.#byId.delete(id);
    this.#byId.set(id, { id, q, lastMs: nowMs });
    if (this.#byId.size > KNOWN_ERRORS_MAX) {
      const [oldest] = this.#byId.keys();
      if (oldest !== undefined) this.#byId.delete(oldest);
    }
    return known === undefined || nowMs - known.lastMs >= CAME_BACK_MS;
  }
}
