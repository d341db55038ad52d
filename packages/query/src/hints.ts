/** Advice on a search that is valid: fields that no record has, and what was probably meant. */
import type { QueryHint } from './errors.js';
import { explained } from './explanations.js';
import { BUILT_IN_FIELDS, closestName } from './fields.js';
import type { FieldUse, Query } from './plan.js';

/**
 * Hints for fields that are not among `known`: the names that `compileFieldList` found. They are hints and not
 * errors, because the records with that field may lie outside the sample or come later.
 */
export function fieldHints(query: Query, known: Iterable<string>): QueryHint[] {
  const names = new Set([...BUILT_IN_FIELDS, ...known]);
  const seen = new Set<string>();
  return query.fields.flatMap((use) => {
    if (isKnown(use, names) || seen.has(use.field.name)) return [];
    seen.add(use.field.name);
    return [hint(use, names)];
  });
}

function isKnown({ field }: FieldUse, names: ReadonlySet<string>): boolean {
  if (names.has(field.name)) return true;
  return field.source.kind === 'attribute' && field.source.paths.some((path) => names.has(path));
}

function hint({ field, from, to }: FieldUse, names: ReadonlySet<string>): QueryHint {
  const suggestion = closestName(field.name, names);
  if (suggestion !== undefined)
    return { from, to, ...explained('field_unknown_like', field.name, suggestion), suggestion };
  return { from, to, ...explained('field_unknown', field.name) };
}

/** A field name as it is typed in a search: in quotes where it has characters with a meaning. */
export function writeFieldName(name: string): string {
  const plain = /^[\p{L}_@$/][\p{L}\p{N}_@$/.-]*$/u.test(name.replaceAll(String.raw`\.`, '.'));
  return plain ? name : `"${name.replace(/["\\]/g, String.raw`\$&`)}"`;
}

/** A value as it is typed after `field:`, taken literally. */
export function writeValue(value: string): string {
  return /^[\p{L}\p{N}_@$/.-]+$/u.test(value) && !/^(or|and|not)$|\.\./i.test(value)
    ? value
    : `"${value.replace(/["\\]/g, String.raw`\$&`)}"`;
}
