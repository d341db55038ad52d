/** What can be written at the cursor: names of fields with their counts, values of the field before the colon. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { BUILT_IN_FIELDS, writeFieldName, writeValue } from '@sillok/query';
import { LEVELS } from '@sillok/record';
import { fields, fieldValues, type Range } from '../api/search.js';
import { COMPLETION_KEPT_MS, COMPLETIONS_MAX } from '../limits.js';
import { formatNumber } from './format.js';

/** Where names and values are counted: the range, without the query that is being written. */
export type CompletionScope = Omit<Range, 'q'>;

interface Kept {
  readonly atMs: number;
  readonly answer: Promise<readonly Completion[]>;
}

const kept = new Map<string, Kept>();

/** The answer of a moment ago is good enough while somebody types; a failed one is forgotten. */
function remembered(key: string, ask: () => Promise<readonly Completion[]>): Promise<readonly Completion[]> {
  const now = Date.now();
  const known = kept.get(key);
  if (known !== undefined && now - known.atMs < COMPLETION_KEPT_MS) return known.answer;
  const answer = ask().catch(() => {
    kept.delete(key);
    return [];
  });
  if (kept.size > COMPLETIONS_MAX) kept.clear();
  kept.set(key, { atMs: now, answer });
  return answer;
}

export async function completeSearch(
  context: CompletionContext,
  scope: CompletionScope,
): Promise<CompletionResult | null> {
  const value = context.matchBefore(/(?:[^\s()"|:\\]|\\.)+:(?:[^\s()"\\]|\\.)*/);
  if (value !== null) {
    const colon = value.text.indexOf(':');
    const name = value.text.slice(0, colon).replace(/^-/, '').replaceAll('\\', '');
    const options = await valuesOf(name, scope);
    return { from: value.from + colon + 1, options: [...options], validFor: /^[^\s()"]*$/ };
  }
  const word = context.matchBefore(/[^\s()"|:]*/);
  if (word === null || (word.text === '' && !context.explicit)) return null;
  const from = word.from + (word.text.startsWith('-') ? 1 : 0);
  return { from, options: [...(await namesOf(scope))], validFor: /^[^\s()"|:]*$/ };
}

function namesOf(scope: CompletionScope): Promise<readonly Completion[]> {
  return remembered(`names ${scope.from} ${scope.to}`, async () => {
    const { fields: found } = await fields({ q: '', ...scope });
    const seen = new Set(found.map((field) => field.name));
    const counted = found.map((field, index) =>
      nameOption(field.name, formatNumber(field.count), -index / 100),
    );
    const rest = BUILT_IN_FIELDS.filter((name) => !seen.has(name));
    return [...counted, ...rest.map((name) => nameOption(name, '', -10))].slice(0, COMPLETIONS_MAX * 4);
  });
}

function nameOption(name: string, detail: string, boost: number): Completion {
  return { label: name, apply: `${writeFieldName(name)}:`, detail, boost, type: 'property' };
}

function valuesOf(name: string, scope: CompletionScope): Promise<readonly Completion[]> {
  if (name === 'level') return Promise.resolve(LEVELS.map((level) => ({ label: level })));
  return remembered(`values ${name} ${scope.from} ${scope.to}`, async () => {
    const { values } = await fieldValues({ q: '', ...scope }, name);
    return values.flatMap(({ value, count }, index) => {
      if (value === null) return [];
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return [{ label: text, apply: writeValue(text), detail: formatNumber(count), boost: -index }];
    });
  });
}
