/** Evaluates the rules that people made, and says of each whether it could be. */
import type { AlertBook } from './book.js';
import { EVALUATION_FAILURES_MAX } from './limits.js';
import { evaluate, type Evaluating } from './periodic.js';
import type { MadeRule, RuleBook } from './rules.js';

export interface RuleStatus {
  readonly evaluatedMs: number | undefined;
  readonly error: string | undefined;
  readonly failures: number;
}

export class Evaluator {
  readonly #status = new Map<string, RuleStatus>();
  readonly #parts: { readonly book: AlertBook; readonly rules: RuleBook; readonly deps: Evaluating };
  #isRunning = false;

  constructor(parts: { readonly book: AlertBook; readonly rules: RuleBook; readonly deps: Evaluating }) {
    this.#parts = parts;
  }

  statusOf(project: string, id: string): RuleStatus | undefined {
    return this.#status.get(`${project}\n${id}`);
  }

  /** One round over all rules; a slow one holds up the others, never a second round. */
  async run(nowMs: number): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (const made of this.#parts.rules.made()) await this.#one(made, nowMs);
    } finally {
      this.#isRunning = false;
    }
  }

  async #one(made: MadeRule, nowMs: number): Promise<void> {
    const { book, deps } = this.#parts;
    const key = `${made.project}\n${made.id}`;
    try {
      for (const signal of await evaluate(deps, made, nowMs)) book.raise(signal, nowMs);
      this.#status.set(key, { evaluatedMs: nowMs, error: undefined, failures: 0 });
    } catch (cause) {
      const error = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
      const before = this.#status.get(key);
      const failures = (before?.failures ?? 0) + 1;
      this.#status.set(key, { evaluatedMs: before?.evaluatedMs, error, failures });
      if (failures >= EVALUATION_FAILURES_MAX) this.#cannot(made, error, nowMs);
    }
  }

  #cannot({ project, id, rule }: MadeRule, error: string, nowMs: number): void {
    this.#parts.book.raise(
      {
        project,
        rule: 'builtin.cannot_evaluate',
        kind: 'cannot_evaluate',
        group: id,
        severity: 'warning',
        title: `“${rule.name}” cannot be evaluated: ${error}`,
        q: rule.q,
        time: new Date(nowMs).toISOString(),
        count: 1,
        isLevel: true,
      },
      nowMs,
    );
  }
}
