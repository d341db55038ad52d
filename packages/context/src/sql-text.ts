/**
 * SQL statements without what people typed: every literal becomes `?`, comments go. What is left says which statement it was, is
 * the same for all its calls, and may be kept and shown. Total and linear: statements come from logs, too, and may be torn.
 */
import { SQL_CHARACTERS_MAX } from './limits.js';

export interface SqlTextOptions {
  /** MySQL and MariaDB: a backslash escapes in texts, double quotes are texts, `#` begins a comment. */
  readonly mysql?: boolean | undefined;
}

const STRING = String.raw`'(?:[^']|'')*(?:'|$)`;
const ESCAPED = String.raw`'(?:[^'\\]|\\[\s\S]|'')*(?:'|\\?$)`;
const DOUBLE = String.raw`"(?:[^"\\]|\\[\s\S]|"")*(?:"|\\?$)`;
const NUMBER = String.raw`(?<![\w$.@:])[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(?!\w)`;
const BLOCK = String.raw`\/\*[\s\S]*?(?:\*\/|$)`;
const LINE = String.raw`--[^\n]*`;
const DOLLAR = String.raw`\$([A-Za-z_]\w*|)\$[\s\S]*?(?:\$\2\$|$)`;
const NAME = String.raw`"(?:[^"]|"")*(?:"|$)`;

/** Names in quotes are matched so that what is in them is not taken for something else. */
const POSTGRES = new RegExp(
  `(${BLOCK}|${LINE})|(?:\\b[eE]${ESCAPED}|(?:\\b[bBxXnN]|\\b[uU]&)?${STRING}|${DOLLAR}|${NUMBER})|(${NAME})`,
  'g',
);
const MYSQL = new RegExp(
  `(${BLOCK}|${LINE}|#[^\\n]*)|(?:(?:\\b[bBxXnN]|\\b_\\w+\\s*)?${ESCAPED}|${DOUBLE}|${NUMBER})|(\`[^\`]*(?:\`|$))`,
  'g',
);
const LIST = /\bIN\s*\(\s*\?(?:\s*,\s*\?)*\s*\)/gi;

export function sqlWithoutLiterals(sql: string, { mysql = false }: SqlTextOptions = {}): string {
  const isLong = sql.length > SQL_CHARACTERS_MAX;
  const text = isLong ? sql.slice(0, SQL_CHARACTERS_MAX) : sql;
  const bare = text.replace(mysql ? MYSQL : POSTGRES, (found: string, ...groups: unknown[]) => {
    if (groups[0] !== undefined) return ' ';
    const name = mysql ? groups[1] : groups[2];
    return name === undefined ? '?' : found;
  });
  const plain = bare.replace(LIST, 'IN (?)').replace(/\s+/g, ' ').trim();
  return isLong ? `${plain} … (${sql.length} characters)` : plain;
}

const FIRST_WORD = /^\W*([A-Za-z]+)/;
const TARGET =
  /\b(?:FROM|INTO|UPDATE|JOIN|TABLE)\s+(?:ONLY\s+|IF\s+(?:NOT\s+)?EXISTS\s+)?((?:["`]?[\w$]+["`]?\.)?["`]?[\w$]+["`]?)/i;

export interface SqlSummary {
  /** `SELECT` */
  readonly operation: string | undefined;
  /** The first table. */
  readonly target: string | undefined;
}

/** Of a statement without literals. */
export function summariseSql(text: string): SqlSummary {
  const operation = FIRST_WORD.exec(text)?.[1]?.toUpperCase();
  return { operation, target: TARGET.exec(text)?.[1]?.replaceAll(/["`]/g, '') };
}

const MYSQL_NAMES =
  /(?<!\b(?:key|column|table|index|user|database|function|procedure|variable|constraint) )'(?:[^']|'')*'/gi;

/** The sentence of a database about an error, without the values in it: `Key (email)=(?) already exists.` */
export function sqlErrorWithoutValues(message: string, { mysql = false }: SqlTextOptions = {}): string {
  if (mysql) return message.replace(MYSQL_NAMES, "'?'");
  return message
    .replace(/(: |\b(?:value|token|string) )"(?:[^"]|"")*"/gi, '$1"?"')
    .replace(/(\)=\()[\s\S]*?(\)(?= |$))/g, '$1?$2')
    .replace(/(contains \()[\s\S]*(\)\.?$)/, '$1?$2');
}
