/**
 * The SQL guard. In this order, and nothing runs before all of it has passed:
 *  1. one statement only, parsed and written anew by the engine's own formatter, given as a bound parameter;
 *  2. a walk over the tokens of that text (`check-tokens.ts`): names, calls, parameters, keywords;
 *  3. a walk over the engine's tree of it (`check-tree.ts`): tables, calls, IN, types;
 *  4. execution as `WITH records AS (… project …) SELECT * FROM (<normalised>) LIMIT n`, so that INTO OUTFILE, FORMAT
 *     and SETTINGS cannot stand where they would work, and no row of another project can be reached;
 *  5. behind it, as walls: limits set anew for each query, a filter by project on the table itself
 *     (`additional_table_filters`), and the engine's own grants.
 */
import { SQL_CHECKED_MAX, SQL_DEPTH_MAX } from '../limits.js';
import { checkTokens, factsOf } from './check-tokens.js';
import { checkTree, PARAM_PREFIX } from './check-tree.js';
import { joinTexts, knownNamesIn, rewriteAttributes } from './rewrite.js';
import { shapeOf, type SqlShape } from './shape.js';
import { readTokens, UnreadableSqlError, type Token } from './tokens.js';
import { refuse, type Refusal } from './verdict.js';
import { VIEW_NAME, viewsFor } from './view.js';

/** What the guard asks of the engine. Each text is sent as a bound parameter or has passed the first walk. */
export interface GuardEngine {
  /** `formatQuerySingleLine` of a text that is not trusted. Throws what the engine says about it. */
  normalise(sql: string): Promise<string>;
  /** EXPLAIN AST, line by line. Parses only, runs nothing. */
  tree(sql: string): Promise<readonly string[]>;
  /** Names of all functions, in lower case. */
  functionNames(): Promise<ReadonlySet<string>>;
}

export interface CheckedSql {
  readonly ok: true;
  /** The reader's statement behind the view, without LIMIT. `misfits`: see `rewrite.ts`. */
  sql(misfits: ReadonlySet<string>): string;
  /** Known attributes that it looks up by name. */
  readonly knownNames: readonly string[];
  readonly params: readonly { readonly name: string; readonly type: string }[];
  readonly shape: SqlShape;
}

export type GuardVerdict = CheckedSql | ({ readonly ok: false } & Refusal);

export interface Guard {
  check(query: string): Promise<GuardVerdict>;
}

export interface GuardOptions {
  readonly engine: GuardEngine;
  /** Qualified name of the stored records; throws while there is no engine. */
  readonly table: () => string;
}

export function createGuard({ engine, table }: GuardOptions): Guard {
  /** Passed statements by their text. Verdicts do not depend on the project or on the parameters' values. */
  const passed = new Map<string, CheckedSql>();

  async function check(query: string): Promise<GuardVerdict> {
    const known = passed.get(query);
    if (known) return known;
    const before = checkText(query);
    if (before) return { ok: false, ...before };
    const normalised = await engine.normalise(query);
    const tokens = tryTokens(normalised);
    if (!Array.isArray(tokens)) return { ok: false, ...tokens };
    const refusal = await walk(tokens);
    if (refusal) return { ok: false, ...refusal };
    const { params } = factsOf(tokens);
    const behindView = (misfits: ReadonlySet<string>): string => {
      const statement = rewriteAttributes(tokens, misfits);
      return `WITH ${viewsFor(table(), statement)} SELECT * FROM (${statement})`;
    };
    const knownNames = knownNamesIn(tokens);
    return remember(query, { ok: true, sql: behindView, knownNames, params, shape: shapeOf(tokens) });
  }

  async function walk(tokens: readonly Token[]): Promise<Refusal | undefined> {
    const first = checkTokens(tokens, await engine.functionNames());
    if (first) return first;
    const { tables } = factsOf(tokens);
    const shadow = [...tables].find((name) => name.toLowerCase().startsWith(VIEW_NAME));
    if (shadow !== undefined)
      return refuse(`WITH cannot define "${shadow}".`, 'Names that begin with "records" are taken.');
    // A parameter becomes a name here: its value is not needed to see the tree, and cannot change it.
    const text = joinTexts(
      tokens.map((token) => (token.kind === 'param' ? PARAM_PREFIX + token.name : token.text)),
    );
    const lines = await engine.tree(`SELECT * FROM (${text})`);
    return checkTree(lines.join('\n'), tables);
  }

  function remember(query: string, checked: CheckedSql): CheckedSql {
    if (passed.size >= SQL_CHECKED_MAX) {
      const oldest = passed.keys().next().value;
      if (oldest !== undefined) passed.delete(oldest);
    }
    passed.set(query, checked);
    return checked;
  }

  return { check };
}

/** Before any parser sees it: a text that is bounded in depth. Brackets in strings count too; that is only stricter. */
function checkText(query: string): Refusal | undefined {
  if (query.includes('\0')) return refuse('The statement contains a NUL character.');
  let depth = 0;
  for (const character of query) {
    if (character === '(' || character === '[' || character === '{') depth += 1;
    else if (character === ')' || character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > SQL_DEPTH_MAX) return refuse(`The statement is nested deeper than ${SQL_DEPTH_MAX}.`);
  }
  return undefined;
}

function tryTokens(normalised: string): Token[] | Refusal {
  try {
    return [...readTokens(normalised)];
  } catch (error) {
    if (error instanceof UnreadableSqlError)
      return refuse(`The statement cannot be read with certainty: ${error.message}.`);
    throw error;
  }
}
