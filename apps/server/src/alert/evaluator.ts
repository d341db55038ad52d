/** Evaluates the rules that people made, and says of each whether it could be. */
import type { Sentence } from '@sillok/api';

import type { Alert, AlertBook } from './book.js';
import { EvaluationError } from './errors.js';
import { EVALUATION_FAILURES_MAX } from './limits.js';
import { evaluate, type Evaluating } from './periodic.js';
import type { MadeRule, RuleBook } from './rules.js';
import { bothLanguages, ours, reasonIn, type Says } from './titles.js';

export interface RuleStatus {
  readonly evaluatedMs: number | undefined;
  /** In English, and in both languages. */
  readonly error: string | undefined;
  readonly errors: Sentence | undefined;
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
      this.#status.set(key, { evaluatedMs: nowMs, error: undefined, errors: undefined, failures: 0 });
    } catch (cause) {
      const error = cause instanceof Error ? cause.message.slice(0, 300) : String(cause);
      const before = this.#status.get(key);
      const failures = (before?.failures ?? 0) + 1;
      const reason = cause instanceof EvaluationError ? cause.reason : undefined;
      const errors = bothLanguages((language) => (reason === undefined ? error : reasonIn(language, reason)));
      this.#status.set(key, { evaluatedMs: before?.evaluatedMs, error, errors, failures });
      if (failures < EVALUATION_FAILURES_MAX) return;
      const { name } = made.rule;
      const says = reason === undefined ? { values: [name, error] } : { values: [name], reason };
      this.#cannot(made, { code: 'cannot_evaluate', ...says }, nowMs);
    }
  }

  #cannot({ project, id, rule }: MadeRule, says: Says, nowMs: number): void {
    this.#parts.book.raise(
      {
        project,
        rule: 'builtin.cannot_evaluate',
        kind: 'cannot_evaluate',
        group: id,
        severity: 'warning',
        ...ours(says),
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
