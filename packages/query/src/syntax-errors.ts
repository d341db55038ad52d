/**
 * Places where the text does not fit the grammar → messages that people can act on. The parser recovers by itself
 * and marks what it skipped or missed; here each mark is explained from where it stands.
 */
import type { SyntaxNode, Tree } from '@lezer/common';
import type { QueryError } from './errors.js';
import { explained, explainedWithGuess, type Explanation } from './explanations.js';
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
    return { from: quote, to: text.length, ...explained('quote_open') };
  }
  const stage = ancestor(node, 'Stage');
  if (stage) return { ...place, ...explainStage(text, stage) };
  if (skipped === '') return { ...place, ...explainMissing(node) };
  return { ...place, ...explainSkipped(skipped, node) };
}

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
    if (before === '(') return explained('group_empty');
    return explained('group_open');
  }
  if (parent === 'Range') return explained('range_incomplete');
  if (parent === 'Comparison') return explained('value_missing');
  if (parent === 'FieldTest') {
    return explained('value_after_colon');
  }
  if (before === 'Or' || before === 'And' || before === 'ListOr' || before === 'ListAnd') {
    return explained('condition_after');
  }
  if (parent === 'Negation' || before === 'Not' || before === 'Minus') {
    return explained('condition_after_not');
  }
  return explained('something_missing');
}

function explainSkipped(skipped: string, node: SyntaxNode): Explanation {
  if (/^(or|and|not)$/i.test(skipped)) {
    return explained('operator_between', skipped);
  }
  if (skipped.startsWith(')')) return explained('group_closed');
  if (skipped.startsWith(':')) {
    return explained('name_missing');
  }
  if (ancestor(node, 'ValueList')) {
    return explained('values_need_or');
  }
  if (ancestor(node, 'Range')) return explained('range_invalid');
  return explained('does_not_fit', skipped);
}

function explainStage(text: string, stage: SyntaxNode): Explanation & Partial<QueryError> {
  const [before = '', word = ''] = /^\|\s*([^\s|(),]*)/.exec(text.slice(stage.from)) ?? [];
  if (STAGE_NAMES.includes(word)) {
    return explained('stage_incomplete', word, STAGE_HELP.get(word) ?? '');
  }
  const to = stage.from + before.length;
  const why =
    word === ''
      ? explained('stage_missing', STAGE_NAMES.join(', '))
      : explainedWithGuess('stage_unknown', [word, STAGE_NAMES, closestName(word, STAGE_NAMES)]);
  return { from: to - word.length, to, ...why };
}

const STAGE_HELP: ReadonlyMap<string, string> = new Map([
  ['stats', 'write | stats count(), p95(duration_ms) by bin(5m), http.route'],
  ['sort', 'write | sort -count() or | sort time desc'],
  ['fields', 'write | fields time, message'],
  ['limit', 'write | limit 10'],
]);
