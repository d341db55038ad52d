/**
 * A reader's statement before it goes to a database: one that reads, by its first word and the functions that it names, and its
 * `{name}` bound as parameters. They are a fence before the wall: the wall is the role, the read-only transaction and the protocol that takes one statement.
 */
import { actsBecause } from './acting.js';
import type { Dialect } from './settings-file.js';

/** Where text is not code: quoted texts and names, comments, PostgreSQL's dollar quotes. */
const BLOCK_COMMENT = String.raw`\/\*[\s\S]*?\*\/`;
const POSTGRESQL = [
  String.raw`[eE]'(?:[^'\\]|\\.|'')*'`,
  String.raw`'(?:[^']|'')*'`,
  String.raw`"(?:[^"]|"")*"`,
  String.raw`--[^\n]*`,
  BLOCK_COMMENT,
  String.raw`\$([A-Za-z_]\w*|)\$[\s\S]*?\$\1\$`,
];
const MYSQL = [
  String.raw`'(?:[^'\\]|\\.|'')*'`,
  String.raw`"(?:[^"\\]|\\.|"")*"`,
  '`(?:[^`]|``)*`',
  String.raw`--[^\n]*`,
  String.raw`#[^\n]*`,
  BLOCK_COMMENT,
];
const NOT_CODE: Readonly<Record<Dialect, RegExp>> = {
  postgresql: new RegExp(POSTGRESQL.join('|'), 'g'),
  mysql: new RegExp(MYSQL.join('|'), 'g'),
};
const NAME = /\{([A-Za-z_]\w{0,63})(?::([A-Za-z][A-Za-z0-9_ ]{0,40}))?\}/g;
const READING = /^(?:select|with|show|explain|describe|desc|table|values)\b/i;

export interface Bound {
  readonly sql: string;
  readonly values: readonly unknown[];
}

export type Binding =
  | { readonly ok: true; readonly bound: Bound }
  | { readonly ok: false; readonly reason: string };

export interface Asked {
  readonly query: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** `{id}` and `{id:int}` become `$1` and `$1::int` in PostgreSQL, `?` in MySQL. */
export function bindStatement(dialect: Dialect, { query, params }: Asked): Binding {
  const text = query.trim().replace(/;\s*$/, '');
  const first = codeOf(dialect, text).trim();
  if (!READING.test(first)) {
    const word = /^\S{0,20}/.exec(first)?.[0] ?? '';
    return {
      ok: false,
      reason: `it begins with "${word}". Only statements that read are taken: SELECT, WITH, SHOW, EXPLAIN`,
    };
  }
  if (dialect === 'mysql' && /\/\*!/.test(text))
    return { ok: false, reason: 'it has a comment that MySQL executes' };
  const acts = actsBecause(dialect, text);
  if (acts !== undefined) return { ok: false, reason: `${acts}. A text to look for goes in as {name}` };
  const values: unknown[] = [];
  const places = new Map<string, number>();
  const missing: string[] = [];
  const bind = (code: string): string =>
    code.replace(NAME, (_, name: string, type: string | undefined) => {
      if (!Object.hasOwn(params, name)) missing.push(name);
      const known = dialect === 'postgresql' ? places.get(name) : undefined;
      if (known === undefined) values.push(params[name] ?? null);
      const place = known ?? values.length;
      places.set(name, place);
      if (dialect === 'mysql') return '?';
      return type === undefined ? `$${place}` : `$${place}::${type.trim()}`;
    });
  const sql = mapCode(dialect, text, bind);
  if (missing.length > 0)
    return { ok: false, reason: `it binds {${missing[0]}}, but "params" has no "${missing[0]}"` };
  return { ok: true, bound: { sql, values } };
}

/** Without quoted texts and comments. */
function codeOf(dialect: Dialect, text: string): string {
  return text.replace(NOT_CODE[dialect], ' ');
}

function mapCode(dialect: Dialect, text: string, change: (code: string) => string): string {
  let result = '';
  let end = 0;
  for (const match of text.matchAll(NOT_CODE[dialect])) {
    result += change(text.slice(end, match.index)) + match[0];
    end = match.index + match[0].length;
  }
  return result + change(text.slice(end));
}
