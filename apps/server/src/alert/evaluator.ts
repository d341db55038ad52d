/** Evaluates the rules that people made, and says of each whether it could be. */
import type { Alert, AlertBook } from './book.js';
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

  constructor(parts: { readonly book: AlertBook; readonly rules: RuleBook; readonly deps: Evaluating }) {
    this.#parts = parts;
  }

  statusOf(project: string, id: string): RuleStatus | undefined {
    return this.#status.get(`${project}\n${id}`);
  }

  /** Whether the rule of an alert could not be evaluated last time: then its end would only be that nobody looks. */
  isBlind({ project, rule }: Pick<Alert, 'project' | 'rule'>): boolean {
    return this.statusOf(project, rule)?.error !== undefined;
  }

  /** One round over the rules over the record, one after the other. */
  async run(nowMs: number): Promise<void> {
    const made = this.#parts.rules.made();
    const known = new Set(made.map(keyOf));
    for (const key of this.#status.keys()) if (!known.has(key)) this.#status.delete(key);
    for (const each of made) if (each.rule.database === '') await this.#one(each, nowMs);
  }

  /** The rules over business databases; those of one database one after the other, so that people can ask it, too. */
  async askDatabases(nowMs: number): Promise<void> {
    const lanes = new Map<string, MadeRule[]>();
    for (const made of this.#parts.rules.made()) {
      const { database } = made.rule;
      if (database !== '') lanes.set(database, [...(lanes.get(database) ?? []), made]);
    }
    await Promise.all(
      [...lanes.values()].map(async (lane) => {
        for (const made of lane) await this.#one(made, nowMs);
      }),
    );
  }

  async #one(made: MadeRule, nowMs: number): Promise<void> {
    const { book, deps } = this.#parts;
    const key = keyOf(made);
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
        ...(rule.database !== '' && { database: rule.database }),
        time: new Date(nowMs).toISOString(),
        count: 1,
        isLevel: true,
      },
      nowMs,
    );
  }
}

function keyOf({ project, id }: Pick<MadeRule, 'project' | 'id'>): string {
  return `${project}\n${id}`;
}
