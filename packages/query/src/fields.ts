/**
 * Names of fields: which column, attribute or resource key a name in a search stands for, and which name was
 * probably meant. Names of the envelope and of known attributes mean their columns. Any other name is an attribute;
 * `attributes.x` and `resource.x` say it explicitly.
 */
import { KNOWN_ATTRIBUTES, KNOWN_RESOURCE, type KnownAttribute } from '@sillok/record';
import { SUGGESTION_EDITS_MAX, SUGGESTION_FIELDS_MAX } from './limits.js';
import type { Field, Source } from './plan.js';

const text = (column: string): Source => ({ kind: 'text', column });

const ENVELOPE: readonly (readonly [string, Source])[] = [
  ...['level', 'message', 'kind', 'producer', 'boot', 'project'].map((name) => [name, text(name)] as const),
  ...['trace_id', 'span_id', 'parent_span_id', 'global_trace_id'].map((name) => [name, text(name)] as const),
  ...['session_hash', 'user_hash'].map((name) => [name, text(name)] as const),
  ['time', { kind: 'time', column: 'time' }],
  ['observed_time', { kind: 'time', column: 'observed_time' }],
  ['seq', { kind: 'number', column: 'seq', absent: 'never' }],
];

const COLUMNS: ReadonlyMap<string, Source> = new Map([
  ...ENVELOPE,
  ...KNOWN_RESOURCE.map((name) => [name, text(name)] as const),
  ...KNOWN_ATTRIBUTES.map((known) => [known.name, knownSource(known)] as const),
]);

/** Fields whose values are sentences: `field:word` looks for words in them. */
export const PROSE_COLUMNS: readonly string[] = [
  'message',
  'exception.message',
  'exception.stacktrace',
  'db.query.text',
];

/** Names that every record can have, for completion. */
export const BUILT_IN_FIELDS: readonly string[] = [...COLUMNS.keys()];

function knownSource(known: KnownAttribute): Source {
  if (known.type === 'uint16') return { kind: 'number', column: known.name, absent: 'zero' };
  if (known.type === 'float64') return { kind: 'number', column: known.name, absent: 'null' };
  return text(known.name);
}

/** What a name means. Every name means something: what is not built in is an attribute. */
export function fieldOf(name: string): Field {
  const column = COLUMNS.get(name);
  if (column) return { name, source: column, prose: PROSE_COLUMNS.includes(name) };
  if (name.startsWith('resource.')) return resourceField(name);
  const path = name.startsWith('attributes.') ? name.slice('attributes.'.length) : name;
  return { name, source: { kind: 'attribute', paths: attributePaths(path) }, prose: false };
}

function resourceField(name: string): Field {
  const key = name.slice('resource.'.length);
  const source: Source = KNOWN_RESOURCE.includes(key) ? text(key) : { kind: 'resource', key };
  return { name, source, prose: false };
}

/** A name with dots is a path, or one key that has dots in it (`\.` in a flattened path). */
function attributePaths(path: string): readonly string[] {
  if (!path.includes('.') || path.includes('\\')) return [path];
  return [path, path.replaceAll('.', String.raw`\.`)];
}

/** The known name that differs least from `name`, when it differs little. */
export function closestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  const limit = wanted.length < 4 ? 1 : SUGGESTION_EDITS_MAX;
  let best: string | undefined;
  let bestEdits = limit + 1;
  let compared = 0;
  for (const candidate of known) {
    compared += 1;
    if (compared > SUGGESTION_FIELDS_MAX) break;
    const edits = nameDistance(wanted, candidate.toLowerCase(), bestEdits);
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Edits between names; `_`, `-` and `.` are alike, and the last part of a dotted name alone is one edit away. */
function nameDistance(left: string, right: string, limit: number): number {
  const plain = (name: string): string => name.replace(/[-_.]/g, '.');
  if (plain(left) === plain(right)) return 0;
  if (left.length > 2 && (right.endsWith(`.${left}`) || right.startsWith(`${left}.`))) return 1;
  return editDistance(plain(left), plain(right), limit);
}

/** Levenshtein distance with neighbours swapped as one edit, or `limit` when it is not less. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_unused, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const same = left[i - 1] === right[j - 1];
      let edits = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      if (swapped) edits = Math.min(edits, (before[j - 2] ?? 0) + 1);
      next.push(edits);
    }
    before = row;
    row = next;
  }
  return Math.min(row[right.length] ?? limit, limit);
}
