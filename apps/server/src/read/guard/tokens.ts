/**
 * Reads SQL that the engine's own formatter has written (`formatQuerySingleLine`) into tokens.
 *
 * The formatter leaves no comments, no heredocs, no line breaks and no second way of quoting, so this reader can be
 * small and strict: whatever it does not know is an error, never a guess. It must see a string exactly where the
 * engine sees one, because the guard's checks and the rewriting of attributes look only outside of strings.
 */
export type Token =
  | { readonly kind: 'word' | 'quoted' | 'string'; readonly text: string; readonly value: string }
  | { readonly kind: 'number' | 'symbol'; readonly text: string }
  | { readonly kind: 'param'; readonly text: string; readonly name: string; readonly type: string };

/** The text cannot be read with certainty: the guard refuses it. */
export class UnreadableSqlError extends Error {
  override readonly name = 'UnreadableSqlError';
}

const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /(?:0x[0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)/y;
const STRING = /'(?:[^'\\]|\\.)*'/sy;
const QUOTED = /`(?:[^`\\]|\\.)*`/sy;
const PARAM = /\{([A-Za-z_][A-Za-z0-9_]*):([^{}]*)\}/y;
const SYMBOL = /(?:->|<=>|!=|<=|>=|\|\||::|[()[\],.+\-*/%=<>])/y;
const SPACE = /[ \n]+/y;

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
  '0': '\0',
};

export function readTokens(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(sql) ?? undefined;
    if (match) at += match[0].length;
    return match;
  };
  while (at < sql.length) {
    if (take(SPACE)) continue;
    const token = readOne(take);
    if (!token) throw new UnreadableSqlError(`nothing that is known begins with "${sql.slice(at, at + 12)}"`);
    tokens.push(token);
  }
  return tokens;
}

type Take = (pattern: RegExp) => RegExpExecArray | undefined;

function readOne(take: Take): Token | undefined {
  const word = take(WORD);
  if (word) return { kind: 'word', text: word[0], value: word[0] };
  const string = take(STRING);
  if (string) return { kind: 'string', text: string[0], value: unescape(string[0]) };
  const quoted = take(QUOTED);
  if (quoted) return { kind: 'quoted', text: quoted[0], value: unescape(quoted[0]) };
  const number = take(NUMBER);
  if (number) return { kind: 'number', text: number[0] };
  const param = take(PARAM);
  if (param) return { kind: 'param', text: param[0], name: param[1] ?? '', type: (param[2] ?? '').trim() };
  const symbol = take(SYMBOL);
  return symbol && { kind: 'symbol', text: symbol[0] };
}

/** What stands between the quotes. */
function unescape(text: string): string {
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|.)/gs, (_, what: string) => {
    if (what.length === 3) return String.fromCharCode(Number.parseInt(what.slice(1), 16));
    return ESCAPES[what] ?? what;
  });
}

/** A name, quoted or not. */
export function isName(token: Token | undefined): token is Extract<Token, { value: string }> {
  return token !== undefined && (token.kind === 'word' || token.kind === 'quoted');
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

/** A keyword: the formatter writes them in capitals and never quotes them. */
export function isKeyword(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text;
}

/** A name as the engine reads it in any case: quoted. */
export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
}

/** A text as the engine reads it. */
export function quoteString(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`;
}
