/** What is wrong with a value of a request, in words that fit behind "… is not valid:". */
import type { z } from 'zod';

type RawIssue = z.core.$ZodRawIssue;

/**
 * Given to zod with every check, so that its own phrases ("Too big: expected number to be <=10") reach nobody. A
 * message that a schema brings itself goes before these. The value is not repeated: it may be a customer's address.
 */
export function inputWords(issue: RawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'it is missing' : `it must be ${kindOf(issue.expected)}`;
    case 'too_big':
      return sizeWords(issue, issue.exact === true ? 'exactly' : 'at most', Number(issue.maximum));
    case 'too_small':
      return sizeWords(issue, issue.exact === true ? 'exactly' : 'at least', Number(issue.minimum));
    case 'invalid_value':
      return `it must be ${oneOf(issue.values)}`;
    case 'unrecognized_keys':
      return `nothing here is called ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
    case 'not_multiple_of':
      return `it must be a multiple of ${issue.divisor}`;
    case 'invalid_format':
      return issue.format === 'regex'
        ? 'it does not have the form that is asked for'
        : formatWords(issue.format);
    case 'invalid_union':
      return 'it is nothing that can stand here';
    default:
      return undefined;
  }
}

function kindOf(expected: string): string {
  if (expected === 'int') return 'a whole number';
  if (expected === 'array') return 'a list';
  if (expected === 'string') return 'a text';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function sizeWords(
  issue: Extract<RawIssue, { code: 'too_big' | 'too_small' }>,
  bound: string,
  count: number,
): string {
  const amount = count.toLocaleString('en');
  if (issue.origin === 'string') {
    if (issue.input === '') return 'it is empty';
    return `it must have ${bound} ${amount} ${count === 1 ? 'character' : 'characters'}`;
  }
  if (issue.origin === 'array' || issue.origin === 'set') {
    return `it must have ${bound} ${amount} ${count === 1 ? 'entry' : 'entries'}`;
  }
  return `it must be ${bound} ${amount}`;
}

function oneOf(values: readonly unknown[]): string {
  const names = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}

function formatWords(format: string): string {
  return `it is no ${format.replaceAll('_', ' ')}`;
}
