/**
 * Search text → plan. Any text up to the named limit gives either a query or errors that point at characters.
 * The grammar (`query.grammar`) gives a tree; this file walks it. The walk recurses only where the text nests, and
 * the depth is checked before.
 */
import type { SyntaxNode } from '@lezer/common';
import {
  bareCondition,
  compareCondition,
  phraseCondition,
  rangeCondition,
  valueCondition,
  type Verdict,
} from './conditions.js';
import type { QueryError } from './errors.js';
import { explained } from './explanations.js';
import { parser } from './generated/parser.js';
import { parseGlob, unescapeLiteral } from './glob.js';
import { EXPLAINED_CHARS_MAX, QUERY_CHARS_MAX, QUERY_DEPTH_MAX, QUERY_TERMS_MAX } from './limits.js';
import { EVERYTHING, NOTHING, type Field, type Filter, type Operator, type Query } from './plan.js';
import { Reader, unquote } from './reader.js';
import { readStages } from './stages.js';
import { syntaxErrors } from './syntax-errors.js';

export type ParsedQuery =
  | { readonly ok: true; readonly query: Query }
  | { readonly ok: false; readonly errors: readonly QueryError[] };

export function parseQuery(text: string): ParsedQuery {
  if (text.length > QUERY_CHARS_MAX) return tooLong(text);
  const deep = nestingError(text);
  if (deep) return { ok: false, errors: [deep] };
  const mistake = firstMistake(text);
  if (mistake !== undefined) return { ok: false, errors: explainMistakes(text, mistake) };
  const tree = parser.parse(text);
  const top = tree.topNode;
  const excess = sizeError(top);
  if (excess) return { ok: false, errors: [excess] };
  const reader = new Reader(text);
  const search = top.getChild('Disjunction');
  const filter = search ? readFilter(search, reader) : EVERYTHING;
  const stages = readStages(top.getChildren('Stage'), reader);
  if (reader.errors.length > 0) return { ok: false, errors: reader.errors };
  return { ok: true, query: { text, filter, stages, fields: reader.fields } };
}

function tooLong(text: string): ParsedQuery {
  const place = { from: QUERY_CHARS_MAX, to: text.length };
  return { ok: false, errors: [{ ...place, ...explained('too_long', text.length, QUERY_CHARS_MAX) }] };
}

const strictParser = parser.configure({ strict: true });

/** Where the text stops being a search. */
function firstMistake(text: string): number | undefined {
  try {
    strictParser.parse(text);
    return undefined;
  } catch (error) {
    // `No parse at 12`: the parser's own way to say it.
    return Number(/\d+/.exec(String(error))?.[0] ?? 0);
  }
}

/** Recovering from mistakes takes time for each, so only some text behind the first one is looked at. */
function explainMistakes(text: string, at: number): readonly QueryError[] {
  const end = at + EXPLAINED_CHARS_MAX;
  const looked = text.slice(0, end);
  const errors = syntaxErrors(looked, parser.parse(looked));
  // What is missing at the cut is not missing in the text.
  return end < text.length ? errors.slice(0, 1) : errors;
}

/** Signs that open a level, of which the parser would take thousands but slowly. */
function nestingError(text: string): QueryError | undefined {
  let depth = 0;
  let inQuotes = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (character === '\\') index += 1;
    else if (character === '"') inQuotes = !inQuotes;
    else if (character === '(' && !inQuotes) depth += 1;
    else if (character === ')' && !inQuotes) depth = Math.max(0, depth - 1);
    if (depth > QUERY_DEPTH_MAX) return tooDeep({ from: index, to: index + 1 });
  }
  return undefined;
}

function tooDeep(place: { readonly from: number; readonly to: number }): QueryError {
  return { ...place, ...explained('too_deep', QUERY_DEPTH_MAX) };
}

const NESTING = new Set(['Group', 'ValueList', 'Negation', 'ListNegation']);
const TERMS = new Set(['Word', 'Phrase', 'Value', 'Range']);

/** Checks depth and number of conditions, without recursion. */
function sizeError(top: SyntaxNode): QueryError | undefined {
  const cursor = top.cursor();
  let depth = 0;
  let terms = 0;
  for (;;) {
    if (NESTING.has(cursor.name)) depth += 1;
    if (TERMS.has(cursor.name)) terms += 1;
    const place = { from: cursor.from, to: cursor.to };
    if (depth > QUERY_DEPTH_MAX) return tooDeep(place);
    if (terms > QUERY_TERMS_MAX) {
      return { ...place, ...explained('too_many_terms', QUERY_TERMS_MAX) };
    }
    if (cursor.firstChild()) continue;
    for (;;) {
      if (NESTING.has(cursor.name)) depth -= 1;
      if (cursor.nextSibling()) break;
      if (!cursor.parent()) return undefined;
    }
  }
}

function children(node: SyntaxNode): SyntaxNode[] {
  const list: SyntaxNode[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) list.push(child);
  return list;
}

function combine(type: 'and' | 'or', items: readonly Filter[]): Filter {
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : { type, items };
}

const OPERATOR_NODES = new Set(['Or', 'And', 'Not', 'Minus', 'ListOr', 'ListAnd', 'ListNot', '(', ')']);

function operands(node: SyntaxNode): SyntaxNode[] {
  return children(node).filter((child) => !OPERATOR_NODES.has(child.name));
}

function readFilter(node: SyntaxNode, reader: Reader): Filter {
  switch (node.name) {
    case 'Disjunction':
      return combine(
        'or',
        operands(node).map((child) => readFilter(child, reader)),
      );
    case 'Conjunction':
      return combine(
        'and',
        operands(node).map((child) => readFilter(child, reader)),
      );
    case 'Group':
      return combine(
        'and',
        operands(node).map((child) => readFilter(child, reader)),
      );
    case 'Negation':
      return {
        type: 'not',
        item: combine(
          'and',
          operands(node).map((child) => readFilter(child, reader)),
        ),
      };
    case 'FieldTest':
      return readFieldTest(node, reader);
    case 'Phrase':
      return accept(node, reader, bareCondition([unquote(reader.slice(node))]));
    default:
      return accept(node, reader, bareCondition(parseGlob(reader.slice(node))));
  }
}

function accept(node: SyntaxNode, reader: Reader, verdict: Verdict): Filter {
  if (verdict.ok) return verdict.filter;
  reader.fail(node, verdict.error);
  return NOTHING;
}

function readFieldTest(node: SyntaxNode, reader: Reader): Filter {
  const [nameNode, test] = children(node);
  if (!nameNode || !test) return NOTHING;
  const name = reader.name(nameNode);
  const isHas = nameNode.name === 'Field' && name === 'has';
  return isHas ? readTest(test, { reader }) : readTest(test, { reader, field: reader.field(nameNode, name) });
}

interface TestContext {
  readonly reader: Reader;
  /** Absent after `has:`, where the value is the name of a field. */
  readonly field?: Field;
}

/** What stands after the colon, which may be a list of such things. */
function readTest(node: SyntaxNode, context: TestContext): Filter {
  switch (node.name) {
    case 'ValueList':
    case 'ListConjunction':
      return combine(
        'and',
        operands(node).map((child) => readTest(child, context)),
      );
    case 'ListDisjunction':
      return combine(
        'or',
        operands(node).map((child) => readTest(child, context)),
      );
    case 'ListNegation':
      return {
        type: 'not',
        item: combine(
          'and',
          operands(node).map((child) => readTest(child, context)),
        ),
      };
    default:
      return context.field ? readLeaf(node, context.field, context.reader) : readHas(node, context.reader);
  }
}

function readHas(node: SyntaxNode, reader: Reader): Filter {
  if (node.name !== 'Value' && node.name !== 'Phrase') {
    reader.fail(node, explained('has_takes_name'));
    return NOTHING;
  }
  return { type: 'exists', source: reader.field(node, reader.name(node)).source };
}

function readLeaf(node: SyntaxNode, field: Field, reader: Reader): Filter {
  if (node.name === 'Phrase')
    return accept(node, reader, phraseCondition(field, unquote(reader.slice(node))));
  if (node.name === 'Comparison') return readComparison(node, field, reader);
  if (node.name === 'Range') {
    const [low, high] = children(node).filter((child) => child.name === 'Bound' || child.name === 'Phrase');
    const ends = [low, high].map((end) => (end ? literal(end, reader) : ''));
    return accept(node, reader, rangeCondition(field, ends[0] ?? '', ends[1] ?? ''));
  }
  return accept(node, reader, valueCondition(field, reader.slice(node)));
}

function readComparison(node: SyntaxNode, field: Field, reader: Reader): Filter {
  const [sign, value] = children(node);
  if (!sign || !value) return NOTHING;
  // The grammar has no other signs.
  const operator = reader.slice(sign) as Operator | '=';
  return accept(value, reader, compareCondition(field, operator, literal(value, reader)));
}

/** A value in which wildcards mean themselves. */
function literal(node: SyntaxNode, reader: Reader): string {
  const raw = reader.slice(node);
  return node.name === 'Phrase' ? unquote(raw) : unescapeLiteral(raw);
}

/** Names of the fields that a query uses, each once. */
export function fieldNames(query: Query): string[] {
  return [...new Set(query.fields.map((use) => use.field.name))];
}
