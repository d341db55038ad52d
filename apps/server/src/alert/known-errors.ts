/** Which errors were seen before, and when last: to tell new ones, and ones that came back. */
import { CAME_BACK_MS, KNOWN_ERRORS_MAX } from './limits.js';

export interface KnownError {
  readonly id: string;
  lastMs: number;
  /** Of it since it is known. */
  count: number;
}

/** Two projects may have the same error. */
export function knownId(project: string, fingerprint: string): string {
  return `${project}\n${fingerprint}`;
}

export class KnownErrors {
  readonly #byId = new Map<string, KnownError & { readonly q?: string }>();

  load(errors: readonly KnownError[]): void {
    for (const error of errors) this.#byId.set(error.id, error);
  }

  /** Oldest sight first, without what can be made again. */
  list(): readonly KnownError[] {
    return [...this.#byId.values()].map(({ id, lastMs, count }) => ({ id, lastMs, count }));
  }

  searchOf(id: string): string | undefined {
    return this.#byId.get(id)?.q;
  }

  countOf(id: string): number {
    return this.#byId.get(id)?.count ?? 0;
  }

  /** One more of it, whether or not it is news. */
  count({ id, q }: { id: string; q: string }): void {
    const known = this.#byId.get(id) ?? { id, q, lastMs: 0, count: 0 };
    known.count += 1;
    this.#byId.set(id, known);
    this.#forgetOne();
  }

  /** True for an error that is new, or was quiet so long that it came back. */
  seen({ id, q }: { id: string; q: string }, nowMs: number): boolean {
    const known = this.#byId.get(id);
    this.#byId.delete(id);
    this.#byId.set(id, { id, q, lastMs: nowMs, count: known?.count ?? 0 });
    this.#forgetOne();
    return known === undefined || nowMs - known.lastMs >= CAME_BACK_MS;
  }

  #forgetOne(): void {
    if (this.#byId.size <= KNOWN_ERRORS_MAX) return;
    const [oldest] = this.#byId.keys();
    if (oldest !== undefined) this.#byId.delete(oldest);
  }
}
