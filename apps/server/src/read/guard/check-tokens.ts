/**
 * The first walk: over the tokens of the normalised text. It sees every name that the statement contains, also those
 * that the engine's tree does not show (what stands in APPLY, names in WITH, aliases).
 *
 * Fail-closed: a function is called only if it is on the list, a bare name is refused when the engine has a function
 * of that name which is not on the list (names can be passed as functions), and keywords that change how or where
 * the statement runs are refused wherever they stand.
 */
import { SQL_DEPTH_MAX, SQL_TOKENS_MAX } from '../limits.js';
import { isAllowedFunction, isAllowedTableFunction, isHarmlessName } from './names.js';
import { isKeyword, isName, isSymbol, type Token } from './tokens.js';
import { refuse, type Refusal } from './verdict.js';

/** Words in capitals that end the talk. As names of columns they can be written in small letters. */
const REFUSED_KEYWORDS = new Set(
  `SETTINGS FORMAT INTO OUTFILE TRUNCATE APPEND APPLY PARALLEL EXPLAIN DESCRIBE SHOW INSERT
   ALTER DROP CREATE ATTACH DETACH RENAME EXCHANGE OPTIMIZE SYSTEM KILL USE SET GRANT
   REVOKE BACKUP RESTORE FINAL SAMPLE STREAM CHECK EXECUTE RECURSIVE`.split(/\s+/),
);

/** Keywords after which a bracket does not open a call. */
const BEFORE_BRACKET = new Set(
  `SELECT DISTINCT ON FROM JOIN WHERE PREWHERE HAVING QUALIFY BY AND OR NOT IN AS OVER
   USING EXCEPT REPLACE UNION ALL INTERSECT WITH LIMIT OFFSET COLUMNS BETWEEN LIKE ILIKE
   THEN ELSE WHEN CASE FILL TO STEP INTERPOLATE SETS ANY MATERIALIZED FILTER IS WINDOW`.split(/\s+/),
);

/** Names that belong to the guard itself. */
export const RESERVED_PREFIX = 'sillok_';

export interface TokenFacts {
  /** Names defined by WITH name AS (SELECT …). */
  readonly tables: ReadonlySet<string>;
  readonly params: readonly { readonly name: string; readonly type: string }[];
}

/** `engineFunctions`: names of all functions that the engine has, in lower case. */
export function checkTokens(
  tokens: readonly Token[],
  engineFunctions: ReadonlySet<string>,
): Refusal | undefined {
  if (tokens.length > SQL_TOKENS_MAX) return refuse(`The statement has more than ${SQL_TOKENS_MAX} words.`);
  const first = tokens.find((token) => !isSymbol(token, '('));
  if (!isKeyword(first, 'SELECT') && !isKeyword(first, 'WITH')) {
    return refuse('Only SELECT is allowed here.', 'Write one SELECT over `records`.');
  }
  let depth = 0;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (isSymbol(token, '(') || isSymbol(token, '[')) depth += 1;
    if (isSymbol(token, ')') || isSymbol(token, ']')) depth -= 1;
    if (depth > SQL_DEPTH_MAX) return refuse(`The statement is nested deeper than ${SQL_DEPTH_MAX}.`);
    const refusal = checkOne(tokens, index, engineFunctions);
    if (refusal) return refusal;
  }
  return undefined;
}

function checkOne(tokens: readonly Token[], index: number, engine: ReadonlySet<string>): Refusal | undefined {
  const token = tokens[index];
  if (token?.kind === 'param') return checkParam(token);
  if (!isName(token)) return undefined;
  // A line break in a name could forge lines of the tree that the second walk reads.
  if (/[\u0000-\u001f\u007f]/.test(token.value)) return refuse('A name contains a control character.');
  if (token.value.startsWith(RESERVED_PREFIX))
    return refuse(`Names beginning with ${RESERVED_PREFIX} are reserved.`);
  if (token.kind === 'word' && REFUSED_KEYWORDS.has(token.text)) {
    return refuse(
      `${token.text} is not allowed.`,
      'If it is the name of a column, write it in small letters.',
    );
  }
  return isSymbol(tokens[index + 1], '(')
    ? checkCall(token.value, tokens, index)
    : checkName(token.value, engine);
}

function checkCall(name: string, tokens: readonly Token[], index: number): Refusal | undefined {
  if (tokens[index]?.kind === 'word' && BEFORE_BRACKET.has(name)) return undefined;
  if (isSymbol(tokens[index - 1], '.')) return refuse(`"${name}" cannot be called with a prefix.`);
  if (isAllowedFunction(name) || isAllowedTableFunction(name)) return undefined;
  return refuse(`The function "${name}" is not allowed.`, 'docs/reference/sql.md says which functions are.');
}

function checkName(name: string, engine: ReadonlySet<string>): Refusal | undefined {
  const isForbidden = engine.has(name.toLowerCase()) && !isAllowedFunction(name) && !isHarmlessName(name);
  if (!isForbidden) return undefined;
  return refuse(
    `"${name}" is the name of a function that is not allowed.`,
    'If it is a column of yours, rename it with AS.',
  );
}

const PARAM_TYPES = new Set(
  `String FixedString UInt8 UInt16 UInt32 UInt64 UInt128 UInt256 Int8 Int16 Int32 Int64
   Int128 Int256 Float32 Float64 Decimal Decimal32 Decimal64 Decimal128 Decimal256 Bool
   Date Date32 DateTime DateTime64 UUID IPv4 IPv6 Array Map Tuple Nullable LowCardinality`.split(/\s+/),
);

/** Only values can be bound: a parameter that stands for a name could name any table. */
function checkParam(token: { readonly name: string; readonly type: string }): Refusal | undefined {
  if (token.name.startsWith(RESERVED_PREFIX))
    return refuse(`Names beginning with ${RESERVED_PREFIX} are reserved.`);
  const typeWords = token.type.replace(/'[A-Za-z0-9_/+-]*'/g, ' ').match(/[^\s(),]+/g) ?? [];
  const wrong = typeWords.find((word) => !PARAM_TYPES.has(word) && !/^\d+$/.test(word));
  if (typeWords.length > 0 && wrong === undefined) return undefined;
  return refuse(
    `A parameter cannot have the type "${token.type}".`,
    'Bind values: {name:String}, {n:UInt64}, {a:Array(String)} …',
  );
}

/** What the second walk and the binding of parameters need to know. */
export function factsOf(tokens: readonly Token[]): TokenFacts {
  const tables = new Set<string>();
  const params: { name: string; type: string }[] = [];
  tokens.forEach((token, index) => {
    if (token.kind === 'param') params.push({ name: token.name, type: token.type });
    if (!isName(token) || !isKeyword(tokens[index + 1], 'AS')) return;
    const open = isKeyword(tokens[index + 2], 'MATERIALIZED') ? index + 3 : index + 2;
    const isSelect = isKeyword(tokens[open + 1], 'SELECT') || isKeyword(tokens[open + 1], 'WITH');
    if (isSymbol(tokens[open], '(') && isSelect) tables.add(token.value);
  });
  return { tables, params };
}
