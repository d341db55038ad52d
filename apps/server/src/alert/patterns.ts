/** Which kinds of messages each rule for new patterns has seen. */
import { PATTERNS_MAX } from './limits.js';

export class Patterns {
  readonly #byRule = new Map<string, Set<string>>();

  load(known: Readonly<Record<string, readonly string[]>>): void {
    for (const [rule, patterns] of Object.entries(known)) this.#byRule.set(rule, new Set(patterns));
  }

  toJson(): Record<string, readonly string[]> {
    return Object.fromEntries([...this.#byRule].map(([rule, patterns]) => [rule, [...patterns]]));
  }

  /** Those that are new; none of them in the first round, which learns. */
  learn(rule: string, patterns: readonly string[]): readonly string[] {
    const known = this.#byRule.get(rule);
    const seen = known ?? new Set<string>();
    const fresh = patterns.filter((pattern) => !seen.has(pattern));
    for (const pattern of fresh) if (seen.size < PATTERNS_MAX) seen.add(pattern);
    this.#byRule.set(rule, seen);
    return known === undefined ? [] : fresh;
  }

  forget(rule: string): void {
    this.#byRule.delete(rule);
  }
}
