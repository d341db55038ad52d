/** Chosen values as conditions of a plan: whatever a value contains, it stays one value. */
import type { DashboardVariable } from '@sillok/api';
import type { Query } from '@sillok/query';

import { searchOf } from '../read/reading.js';

export function variableFilters(
  variables: readonly DashboardVariable[],
  values: Readonly<Record<string, string>>,
): Query['filter'][] {
  return chosenOf(variables, values).flatMap(({ field, value }) =>
    value === '' ? [] : [searchOf(`${field}:${quoted(value)}`).filter],
  );
}

/** Each variable with its value: the chosen one, else its preset. */
export function chosenOf(
  variables: readonly DashboardVariable[],
  values: Readonly<Record<string, string>>,
): readonly (DashboardVariable & { readonly value: string })[] {
  return variables.map((variable) => {
    const { name, preset } = variable;
    return { ...variable, value: Object.hasOwn(values, name) ? (values[name] ?? '') : preset };
  });
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
