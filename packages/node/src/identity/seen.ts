/**
 * What this process has said already, so that links and indexes are written once and not with each request. Forgetting is
 * harmless: the record is written once more, and a reader folds it to the same.
 */
export class Seen {
  readonly #keys = new Set<string>();
  readonly #max: number;

  constructor(max: number) {
    this.#max = max;
  }

  /** True the first time. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false;
    if (this.#keys.size >= this.#max) this.#keys.clear();
    this.#keys.add(key);
    return true;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }
}
