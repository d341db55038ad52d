/**
 * Lists in a record, as far as the quick way takes them on: scalars, and flat objects of scalars, which the differences of audit
 * records are. Undefined means the slow way, which knows what to do about all else.
 */
import { AUDIT_DIFF, auditImagesOf, quote } from '@sillok/record';

export interface ListRules {
  /** Text without secrets. */
  readonly clean: (text: string) => string;
  readonly isPlainNumber: (value: unknown) => boolean;
  readonly isSensitive: (path: string) => boolean;
}

/** Of an object in a list. Others are left to the slow way, and so is the one that is no key to an object (`__proto__`). */
const ITEM_KEY = /^[a-z][a-z_]*$/;

export function listJson(path: string, list: readonly unknown[], rules: ListRules): string | undefined {
  let json = '';
  for (const value of list) {
    const each = typeof value === 'object' ? itemJson(path, value, rules) : scalarJson(value, rules);
    if (each === undefined) return undefined;
    json += `,${each}`;
  }
  return json === '' ? '[]' : `[${json.slice(1)}]`;
}

function scalarJson(value: unknown, { clean, isPlainNumber }: ListRules): string | undefined {
  if (typeof value === 'string') return quote(clean(value));
  return typeof value === 'boolean' || isPlainNumber(value) ? String(value) : undefined;
}

function itemJson(path: string, item: object | null, rules: ListRules): string | undefined {
  if (item === null || Object.getPrototypeOf(item) !== Object.prototype) return undefined;
  const { isSensitive } = rules;
  let json = '';
  for (const [key, value] of Object.entries(item)) {
    const text = scalarJson(value, rules);
    if (text === undefined || !ITEM_KEY.test(key) || isSensitive(`${path}.${key}`)) return undefined;
    const isName = path === AUDIT_DIFF && key === 'path';
    if (isName && auditImagesOf(String(value)).some(isSensitive)) return undefined;
    json += `,"${key}":${text}`;
  }
  return `{${json.slice(1)}}`;
}
