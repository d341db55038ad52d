/**
 * The team's rule file as this server applies it, and what did not fit so far. It is read once, at start: a file that
 * cannot be used stops the start, because records taken without it would have to be told apart from those taken with it.
 *
 * The names that are counted are those of the file, never those of a record: a sender cannot make the list grow.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { applyRules, parseRules, type FlatRecord, type RuleConflict, type Rules } from '@sillok/record';

import { ConfigError } from '../errors.js';
import { CONFLICT_FIELDS_MAX, CONFLICTS_SEEN_MAX } from '../limits.js';
import type { Metrics } from '../metrics.js';

export interface SeenConflict extends RuleConflict {
  count: number;
  last_seen: string;
}

export interface ActiveRules {
  readonly rules: Rules;
  /** The same for the same file: says by which rules a stored record went. */
  readonly hash: string;
  /** In place. Conflicts are noted in the record, counted, and listed for the project. */
  apply(record: FlatRecord, project: string): void;
  /** Since the server started, most frequent first. */
  conflictsOf(project: string): readonly SeenConflict[];
}

/** All further fields together. */
const OTHER_FIELDS = '(other)';

/** Undefined without a file. Throws `ConfigError` that says which line is wrong, and how. */
export function loadRules(path: string, metrics: Metrics): ActiveRules | undefined {
  if (path === '') return undefined;
  const text = readRuleFile(path);
  const rules = parse(path, text);
  const counted = new Set<string>();
  const seen = new Map<string, { readonly project: string; readonly conflict: SeenConflict }>();

  function count(field: string): void {
    if (counted.size < CONFLICT_FIELDS_MAX) counted.add(field);
    const label = counted.has(field) ? field : OTHER_FIELDS;
    metrics.counter('sillok_type_conflicts_total', 'Values that did not fit a rule', { field: label }).add();
  }

  function list(project: string, { field, problem }: RuleConflict): void {
    const key = `${project}\n${field}\n${problem}`;
    const known = seen.get(key);
    const last_seen = new Date().toISOString();
    if (known !== undefined) Object.assign(known.conflict, { count: known.conflict.count + 1, last_seen });
    else if (seen.size < CONFLICTS_SEEN_MAX)
      seen.set(key, { project, conflict: { field, problem, count: 1, last_seen } });
  }

  return {
    rules,
    hash: createHash('sha256').update(text).digest('hex').slice(0, 12),
    apply(record, project) {
      for (const conflict of applyRules(rules, record)) {
        count(conflict.field);
        list(project, conflict);
      }
    },
    conflictsOf: (project) =>
      [...seen.values()]
        .filter((each) => each.project === project)
        .map(({ conflict }) => conflict)
        .sort((a, b) => b.count - a.count),
  };
}

function readRuleFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotUse(path, error);
  }
}

function parse(path: string, text: string): Rules {
  try {
    return parseRules(text);
  } catch (error) {
    throw cannotUse(path, error);
  }
}

function cannotUse(path: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigError(
    `The rule file ${path} cannot be used: ${reason}. Nothing was started; correct it, or start without it.`,
  );
}
