/**
 * Makes `attributes['key']` cheap: in a SELECT that reads from `records` alone, it becomes the column of a known
 * attribute, or a look into the stored map, instead of a map that is put together for every row.
 *
 * It works on tokens of the normalised statement, so what stands in strings is never touched, and it is careful:
 * a SELECT with joins, with `COLUMNS(…)`, or that calls something else `attributes` stays as it is (right, but
 * slower). Names of result columns stay as the reader wrote them.
 */
import { isKeyword, isName, isSymbol, quoteName, type Token } from './tokens.js';
import { KNOWN_ATTRIBUTES } from '@sillok/record';
import { attributeSql, VIEW_COLUMNS, VIEW_NAME, WIDE_VIEW_NAME } from './view.js';

/** One SELECT: its own tokens, by index, without those of SELECTs inside of it. */
interface Scope {
  readonly own: readonly number[];
  /** The bracket depth of its clauses. */
  readonly depth: number;
}

/** What follows the table when nothing else is read. */
const AFTER_TABLE = /^(WHERE|PREWHERE|GROUP|HAVING|WINDOW|QUALIFY|ORDER|LIMIT|OFFSET)$/;

/** `misfits`: known attributes with values that are not in their column. */
export function rewriteAttributes(tokens: readonly Token[], misfits: ReadonlySet<string>): string {
  const texts = tokens.map((token) => token.text);
  const depths = depthsOf(tokens);
  for (const scope of scopesOf(tokens, depths)) rewriteScope({ tokens, depths, texts, scope, misfits });
  return joinTexts(texts);
}

/** The known attributes that a statement looks up by name. */
export function knownNamesIn(tokens: readonly Token[]): readonly string[] {
  const texts = new Set(tokens.flatMap((token) => (token.kind === 'string' ? [token.value] : [])));
  return KNOWN_ATTRIBUTES.map(({ name }) => name).filter((name) => texts.has(name));
}

interface Work {
  readonly tokens: readonly Token[];
  readonly depths: readonly number[];
  /** What each token is written as; empty when it has gone. */
  readonly texts: string[];
  readonly scope: Scope;
  readonly misfits: ReadonlySet<string>;
}

function depthsOf(tokens: readonly Token[]): readonly number[] {
  let depth = 0;
  return tokens.map((token) => {
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    const own = depth;
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    return own;
  });
}

function scopesOf(tokens: readonly Token[], depths: readonly number[]): readonly Scope[] {
  const done: Scope[] = [];
  const open: { own: number[]; depth: number }[] = [];
  tokens.forEach((token, index) => {
    const depth = depths[index] ?? 0;
    while ((open.at(-1)?.depth ?? -1) > depth) done.push(...open.splice(-1));
    const isSetOperation = token.kind === 'word' && /^(UNION|INTERSECT|EXCEPT)$/.test(token.text);
    if (isSetOperation && open.at(-1)?.depth === depth && !isStarModifier(tokens, index))
      done.push(...open.splice(-1));
    if (isKeyword(token, 'SELECT')) open.push({ own: [], depth });
    open.at(-1)?.own.push(index);
  });
  return [...done, ...open];
}

/** `* EXCEPT a` is not a set operation. */
function isStarModifier(tokens: readonly Token[], index: number): boolean {
  return (
    isKeyword(tokens[index], 'EXCEPT') &&
    !isKeyword(tokens[index + 1], 'SELECT') &&
    !isSymbol(tokens[index + 1], '(')
  );
}

function rewriteScope(work: Work): void {
  const uses = usesOf(work);
  const table = tableOf(work);
  if (uses.length === 0 || table === undefined || mustStay(work)) return;
  const itemNames = itemNamesOf(work, uses);
  work.texts[table.index] = table.alias === undefined ? `${WIDE_VIEW_NAME} AS ${VIEW_NAME}` : WIDE_VIEW_NAME;
  for (const { at, key, prefixAt } of uses) {
    const prefix = prefixAt === undefined ? '' : `${work.texts[prefixAt] ?? ''}.`;
    for (let index = prefixAt ?? at; index <= at + 3; index += 1) work.texts[index] = '';
    work.texts[at] = attributeSql({ name: key, prefix, hasMisfits: work.misfits.has(key) });
  }
  for (const { last, name } of itemNames)
    work.texts[last] = `${work.texts[last] ?? ''} AS ${quoteName(name)}`.trimStart();
  expandStars(work, table.alias);
}

interface Use {
  /** Index of `attributes`; the bracket, the key and the other bracket follow. */
  readonly at: number;
  readonly key: string;
  /** Index of the alias in `alias.attributes['key']`. */
  readonly prefixAt: number | undefined;
}

function usesOf({ tokens, scope }: Work): readonly Use[] {
  return scope.own.flatMap((at): Use[] => {
    const token = tokens[at];
    const key = tokens[at + 2];
    if (!isName(token) || token.value !== 'attributes' || key?.kind !== 'string') return [];
    if (!isSymbol(tokens[at + 1], '[') || !isSymbol(tokens[at + 3], ']')) return [];
    if (!isSymbol(tokens[at - 1], '.')) return [{ at, key: key.value, prefixAt: undefined }];
    return isSymbol(tokens[at - 3], '.') ? [] : [{ at, key: key.value, prefixAt: at - 2 }];
  });
}

/** Where `FROM records` stands, when the SELECT reads from nothing else. */
function tableOf({ tokens, depths, scope }: Work): { index: number; alias: string | undefined } | undefined {
  const from = scope.own.find((index) => depths[index] === scope.depth && isKeyword(tokens[index], 'FROM'));
  if (from === undefined) return undefined;
  const table = tokens[from + 1];
  if (!isName(table) || table.value !== VIEW_NAME) return undefined;
  const name = isKeyword(tokens[from + 2], 'AS') ? tokens[from + 3] : undefined;
  const after = tokens[from + (name === undefined ? 2 : 4)];
  const isAlone =
    after === undefined ||
    isSymbol(after, ')') ||
    (after.kind === 'word' && AFTER_TABLE.test(after.text)) ||
    isSetWord(after);
  if (!isAlone) return undefined;
  return { index: from + 1, alias: isName(name) ? name.value : undefined };
}

function isSetWord(token: Token): boolean {
  return token.kind === 'word' && /^(UNION|INTERSECT|EXCEPT)$/.test(token.text);
}

/** Something in the SELECT gives the words another meaning, or would show the hidden column. */
function mustStay({ tokens, scope }: Work): boolean {
  return scope.own.some((index) => {
    const token = tokens[index];
    if (isKeyword(token, 'COLUMNS') || isKeyword(token, 'REPLACE')) return true;
    if (isSymbol(token, '*') && isKeyword(tokens[index + 1], 'EXCEPT')) return true;
    const isNamed = isName(token) && token.value === 'attributes';
    return isNamed && (isKeyword(tokens[index - 1], 'AS') || isSymbol(tokens[index + 1], '->'));
  });
}

/** Items of the select list that are about to change and have no name: they keep their text as name. */
function itemNamesOf(work: Work, uses: readonly Use[]): readonly { last: number; name: string }[] {
  return itemsOf(work).flatMap(({ first, last }) => {
    const isChanged = uses.some(({ at }) => at >= first && at <= last);
    if (!isChanged || isKeyword(work.tokens[last - 1], 'AS')) return [];
    return [{ last, name: joinTexts(work.tokens.slice(first, last + 1).map((token) => token.text)) }];
  });
}

/** First and last token of each item of the select list. */
function itemsOf({ tokens, depths, scope }: Work): readonly { first: number; last: number }[] {
  const items: { first: number; last: number }[] = [];
  const select = scope.own[0] ?? 0;
  let first = isKeyword(tokens[select + 1], 'DISTINCT') ? select + 2 : select + 1;
  for (let index = first; index <= tokens.length; index += 1) {
    const depth = depths[index] ?? 0;
    const isEnd = index === tokens.length || depth < scope.depth;
    const isFrom = depth === scope.depth && isKeyword(tokens[index], 'FROM');
    const isComma = depth === scope.depth && isSymbol(tokens[index], ',');
    if (!isEnd && !isFrom && !isComma) continue;
    items.push({ first, last: index - 1 });
    first = index + 1;
    if (isEnd || isFrom) break;
  }
  return items;
}

/** `*` names the columns of the view, so that the hidden one stays hidden. */
function expandStars(work: Work, alias: string | undefined): void {
  const { tokens, texts } = work;
  for (const { first, last } of itemsOf(work)) {
    const isStar =
      isSymbol(tokens[last], '*') &&
      (first === last || (last - first === 2 && isSymbol(tokens[last - 1], '.')));
    if (!isStar) continue;
    const prefix = alias === undefined ? '' : `${quoteName(alias)}.`;
    for (let index = first; index < last; index += 1) texts[index] = '';
    texts[last] = VIEW_COLUMNS.map((name) => `${prefix}${quoteName(name)} AS ${quoteName(name)}`).join(', ');
  }
}

/** One text again. Spaces stand where they cannot join or part anything. */
export function joinTexts(texts: readonly string[]): string {
  let out = '';
  for (const text of texts) {
    if (text === '') continue;
    const isTight = out === '' || /[([.]$/.test(out) || /^[)\],.([]/.test(text);
    out += isTight && !(needsSpace(out) && text.startsWith('(')) ? text : ` ${text}`;
  }
  return out;
}

/** After a keyword a bracket stands apart, only for the eye. */
function needsSpace(out: string): boolean {
  return /(?:^|[ (])(?:AS|IN|AND|OR|NOT|FROM|BY|OVER|USING|ON|WHERE|SELECT|UNION|ALL|WITH)$/.test(out);
}
