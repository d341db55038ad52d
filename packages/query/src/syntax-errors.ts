/**
 * Places where the text does not fit the grammar → messages that people can act on. The parser recovers by itself
 * and marks what it skipped or missed; here each mark is explained from where it stands.
 */
import type { SyntaxNode, Tree } from '@lezer/common';
import type { QueryError } from './errors.js';
import { closestName } from './fields.js';
import { QUERY_ERRORS_MAX } from './limits.js';

const STAGE_NAMES = ['stats', 'sort', 'fields', 'limit'];

export function syntaxErrors(text: string, tree: Tree): QueryError[] {
  const errors: QueryError[] = [];
  // The first error of a stage explains the rest of it, as does a quote that is never closed.
  const explained = new Set<number>();
  const cursor = tree.cursor();
  do {
    if (!cursor.type.isError) continue;
    const node = cursor.node;
    const error = explain(text, node);
    const place = ancestor(node, 'Stage')?.from ?? error.from;
    if (explained.has(place)) continue;
    explained.add(place);
    errors.push(error);
    if (errors.length === QUERY_ERRORS_MAX) break;
  } while (cursor.next());
  return errors;
}

function explain(text: string, node: SyntaxNode): QueryError {
  const skipped = text.slice(node.from, node.to);
  const place = { from: node.from, to: node.to };
  const quote = openQuote(text);
  if (quote !== -1 && quote <= node.to) {
    return { from: quote, to: text.length, message: 'this quote is not closed', help: 'add a closing "' };
  }
  const stage = ancestor(node, 'Stage');
  if (stage) return { ...place, ...explainStage(text, stage) };
  if (skipped === '') return { ...place, ...explainMissing(node) };
  return { ...place, ...explainSkipped(skipped, node) };
}

type Explanation = Pick<QueryError, 'message' | 'help'>;

/** Place of a quote that is never closed, or -1. */
function openQuote(text: string): number {
  let open = -1;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\\') index += 1;
    else if (character === '"') open = open === -1 ? index : -1;
  }
  return open;
}

function ancestor(node: SyntaxNode, ...names: readonly string[]): SyntaxNode | undefined {
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (names.includes(parent.name)) return parent;
  }
  return undefined;
}

function explainMissing(node: SyntaxNode): Explanation {
  const parent = node.parent?.name;
  const before = node.prevSibling?.name;
  if (parent === 'Group' || parent === 'ValueList') {
    if (before === '(')
      return { message: 'nothing stands between the parentheses', help: 'write a condition inside' };
    return { message: 'a closing ) is missing', help: 'add ) at the end of the group' };
  }
  if (parent === 'Range') return { message: 'this range is not complete', help: 'write [1 to 5], or 1..5' };
  if (parent === 'Comparison')
    return { message: 'a value is missing', help: 'write it after the sign, as in :>100' };
  if (parent === 'FieldTest') {
    return {
      message: 'a value is missing after the colon',
      help: 'write field:value, or field:* for any value',
    };
  }
  if (before === 'Or' || before === 'And' || before === 'ListOr' || before === 'ListAnd') {
    return {
      message: 'a condition is missing after this',
      help: 'write what follows, or quote the word to search for it',
    };
  }
  if (parent === 'Negation' || before === 'Not' || before === 'Minus') {
    return { message: 'a condition is missing after “not”', help: 'write what to leave out: -level:debug' };
  }
  return { message: 'something is missing here', help: 'finish the condition, or put text into "quotes"' };
}

function explainSkipped(skipped: string, node: SyntaxNode): Explanation {
  if (/^(or|and|not)$/i.test(skipped)) {
    return {
      message: `“${skipped}” stands between conditions, and one is missing`,
      help: `to search for the word, write "${skipped}" in quotes`,
    };
  }
  if (skipped.startsWith(')'))
    return { message: 'this ) closes nothing', help: 'remove it, or add ( before' };
  if (skipped.startsWith(':')) {
    return {
      message: 'a field name is missing before the colon',
      help: 'write field:value, or put the text into "quotes"',
    };
  }
  if (ancestor(node, 'ValueList')) {
    return { message: 'values in parentheses need “or” between them', help: 'write field:(a or b)' };
  }
  if (ancestor(node, 'Range')) return { message: 'this is not a range', help: 'write [1 to 5], or 1..5' };
  return {
    message: `“${skipped}” does not fit here`,
    help: 'put text with special characters into "quotes"',
  };
}

function explainStage(text: string, stage: SyntaxNode): Explanation & Partial<QueryError> {
  const [before = '', word = ''] = /^\|\s*([^\s|(),]*)/.exec(text.slice(stage.from)) ?? [];
  if (STAGE_NAMES.includes(word)) {
    return { message: `this “${word}” is not complete`, help: STAGE_HELP.get(word) ?? '' };
  }
  const to = stage.from + before.length;
  const closest = closestName(word, STAGE_NAMES);
  const meant = closest === undefined ? '' : `did you mean ${closest}? `;
  const message = word === '' ? 'a command is missing after |' : `there is no command “${word}”`;
  return { from: to - word.length, to, message, help: `${meant}commands are ${STAGE_NAMES.join(', ')}` };
}

const STAGE_HELP: ReadonlyMap<string, string> = new Map([
  ['stats', 'write | stats count(), p95(duration_ms) by bin(5m), http.route'],
  ['sort', 'write | sort -count() or | sort time desc'],
  ['fields', 'write | fields time, message'],
  ['limit', 'write | limit 10'],
]);
