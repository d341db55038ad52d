/**
 * The second walk: over the engine's own tree of the statement, as EXPLAIN AST prints it.
 *
 * Here the engine itself says what is a table, what is a call and what stands on the right of IN. Fail-closed: a kind
 * of node that is not on the list is refused, as is a line that cannot be read. Names with control characters were
 * refused before, so a line of the text is a node of the tree.
 */
import { isAllowedFunction, isAllowedTableFunction } from './names.js';
import { refuse, type Refusal } from './verdict.js';

const KNOWN_NODES = new Set(
  `SelectWithUnionQuery SelectIntersectExceptQuery SelectQuery ExpressionList WithElement
   Subquery Function Identifier Literal Asterisk QualifiedAsterisk ColumnsRegexpMatcher
   ColumnsListMatcher QualifiedColumnsRegexpMatcher QualifiedColumnsListMatcher
   ColumnsTransformerList ColumnsExceptTransformer ColumnsReplaceTransformer
   ColumnsReplaceTransformer::Replacement TablesInSelectQuery TablesInSelectQueryElement
   TableExpression TableIdentifier TableJoin ArrayJoin OrderByElement WindowDefinition
   WindowListElement InterpolateElement`.split(/\s+/),
);

/** `x IN name` reads a table or a set of that name; only values and subqueries may stand there. */
const IN_FUNCTION = /^(global)?(not)?(null)?in(ignoreset)?$/i;

/** Functions whose type argument is text: it must be written out, and not name a binary state. */
const TYPED_FUNCTION = /^(_?cast|accuratecast\w*|jsonextract(caseinsensitive)?|dynamicelement|tointerval)$/i;
const STATE_TYPE = /AggregateFunction|Dynamic|Object|Variant|JSON/i;

interface Node {
  readonly depth: number;
  readonly kind: string;
  readonly name: string;
}

interface Place {
  readonly nodes: readonly Node[];
  readonly index: number;
  /** Names of the subqueries that the statement itself defines. */
  readonly tables: ReadonlySet<string>;
}

/** Names that stand for bound parameters in the text that was parsed. */
export const PARAM_PREFIX = 'sillok_param_';

export function checkTree(tree: string, tables: ReadonlySet<string>): Refusal | undefined {
  const nodes: Node[] = [];
  for (const line of tree.split('\n')) {
    if (line === '') continue;
    const node = readNode(line);
    if (!node)
      return refuse(`The engine's tree has a part that is not known: "${line.trim().slice(0, 80)}".`);
    nodes.push(node);
  }
  for (let index = 0; index < nodes.length; index += 1) {
    const refusal = checkNode({ nodes, index, tables });
    if (refusal) return refusal;
  }
  return nodes.length > 0 ? undefined : refuse('The engine could not show the tree of this statement.');
}

function readNode(line: string): Node | undefined {
  const match = /^( *)([A-Za-z:]+)(?: (.*))?$/.exec(line);
  const kind = match?.[2] ?? '';
  if (!KNOWN_NODES.has(kind)) return undefined;
  const name = (match?.[3] ?? '').replace(/ \(children \d+\)$/, '').replace(/ ?\((alias|column) .*$/, '');
  return { depth: match?.[1]?.length ?? 0, kind, name };
}

function checkNode(place: Place): Refusal | undefined {
  const node = place.nodes[place.index];
  if (node?.kind === 'TableIdentifier') return checkTable(node.name, place.tables);
  if (node?.kind !== 'Function') return undefined;
  if (parentOf(place)?.kind === 'TableExpression') {
    return isAllowedTableFunction(node.name)
      ? undefined
      : refuse(`The table function "${node.name}" is not allowed.`);
  }
  if (!isAllowedFunction(node.name)) return refuse(`The function "${node.name}" is not allowed.`);
  if (IN_FUNCTION.test(node.name)) return checkIn(place);
  return TYPED_FUNCTION.test(node.name) ? checkType(place) : undefined;
}

function checkTable(name: string, tables: ReadonlySet<string>): Refusal | undefined {
  if (name === 'records' || tables.has(name)) return undefined;
  return refuse(
    `The table "${name}" is not there for you.`,
    'Read from `records`, or from what your WITH defines.',
  );
}

function checkIn(place: Place): Refusal | undefined {
  const right = argumentsOf(place)[1];
  if (right === undefined) return refuse('IN needs two sides.');
  if (right.kind !== 'Identifier' || right.name.startsWith(PARAM_PREFIX)) return undefined;
  return refuse(
    `IN "${right.name}" would read a table of that name.`,
    'Write IN (SELECT … FROM …) or IN (value, value).',
  );
}

function checkType(place: Place): Refusal | undefined {
  const last = argumentsOf(place).at(-1);
  const isPlain = last?.kind === 'Literal' && !STATE_TYPE.test(last.name);
  return isPlain ? undefined : refuse('A type must be written out, and be a plain one.');
}

/** The nodes of the argument list right below a call. */
function argumentsOf({ nodes, index }: Place): readonly Node[] {
  const depth = nodes[index]?.depth ?? 0;
  const found: Node[] = [];
  for (let at = index + 2; at < nodes.length; at += 1) {
    const node = nodes[at];
    if (node === undefined || node.depth < depth + 2) break;
    if (node.depth === depth + 2) found.push(node);
  }
  return found;
}

function parentOf({ nodes, index }: Place): Node | undefined {
  const depth = nodes[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    const node = nodes[at];
    if (node !== undefined && node.depth < depth) return node;
  }
  return undefined;
}
