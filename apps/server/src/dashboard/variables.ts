/** Chosen values as conditions of a plan: whatever a value contains, it stays one value. */
import type { DashboardVariable } from '@sillok/api';
import type { Query } from '@sillok/query';

import { searchOf } from '../read/reading.js';

export function variableFilters(
  variables: readonly DashboardVariable[],
  values: Readonly<Record<string, string>>,
): Query['filter'][] {
  return variables.flatMap(({ name, field, preset }) => {
    const value = Object.hasOwn(values, name) ? (values[name] ?? '') : preset;
    return value === '' ? [] : [searchOf(`${field}:${quoted(value)}`).filter];
  });
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
