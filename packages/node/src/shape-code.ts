/**
 * From the plan of a shape to code. For `{ order: { id, currency }, paid }` it reads, shortened:
 *
 *   let last0 = no, same0 = no, piece0 = "", …;
 *   function (fields, draft, stamp) {
 *     let text = draft.text, v;
 *     const o0 = fields["order"];
 *     if (!isShape(o0, k0)) return 0;
 *     v = o0["id"];
 *     if (v === same0) text += piece0;
 *     else { if (!isNumber(v)) return 1; text += "\"order.id\":" + number(v); … }
 *     v = o0["currency"];
 *     if (v === same1) text += piece1;
 *     else { if (typeof v !== "string") return 2; text += ",\"order.currency\":\"" + raw(v); … }
 *     v = fields["paid"]; if (typeof v !== "boolean") return 3;
 *     text += v ? "\",\"paid\":true" : "\",\"paid\":false";
 *     e0.stamp = stamp; …
 *     draft.text = text; draft.tail = VALUE; draft.count += 3;
 *     return ALL_WRITTEN;
 *   }
 *
 * Many fields of a service hold the same value nearly every time (a method, a region, a currency, an attempt of 1). A value
 * that comes twice in a row is kept with its key as one finished piece of text.
 * Keys come from the host's objects and enter the code through JSON.stringify only.
 */
import { NOTHING, OPEN_TEXT, VALUE, type Draft, type Tail } from './draft.js';
import type { KeyNode, PathEntry } from './paths.js';
import { SHAPE_REMEMBERED_CHANGES_MAX, SHAPE_REMEMBERED_CHARACTERS_MAX } from './limits.js';
import type { LeafPlan, MemberPlan, ObjectPlan } from './shape-plan.js';

export type ShapeCode = (fields: object, draft: Draft, stamp: number) => number;

/** What the code calls. */
export interface ShapeHelpers {
  readonly isShape: (value: unknown, keys: readonly string[]) => boolean;
  readonly isNumber: (value: unknown) => boolean;
  readonly number: (value: number) => string;
  /** The text as it stands between the quotes. */
  readonly raw: (text: string) => string;
  /** The same text in one piece. */
  readonly flat: (text: string) => string;
  /** The general walk, for one value. */
  readonly any: (node: KeyNode, value: unknown, draft: Draft) => void;
}

interface Writing {
  readonly lines: string[];
  readonly entries: PathEntry[];
  readonly nodes: KeyNode[];
  readonly keys: (readonly string[])[];
  /** Numbers of the leaves that remember a value. */
  readonly memories: number[];
  /** How the text ends at this point of the code; undefined where only `draft.tail` knows. */
  tail: Tail | undefined;
  objects: number;
}

/** Throws where the process does not allow code from text. */
export function compileShape(members: readonly MemberPlan[], helpers: ShapeHelpers): ShapeCode {
  const writing: Writing = {
    lines: [],
    entries: [],
    nodes: [],
    keys: [],
    memories: [],
    tail: NOTHING,
    objects: 0,
  };
  writeMembers(members, 'fields', writing);
  const stamps = writing.entries.map((_, index) => `e${index}.stamp = stamp;`);
  const body = [
    'const { isShape, isNumber, number, raw, any, flat } = helpers;',
    // Equal to no value of the host's.
    'const no = {};',
    ...writing.entries.map((_, index) => `const e${index} = entries[${index}];`),
    ...writing.nodes.map((_, index) => `const n${index} = nodes[${index}];`),
    ...writing.keys.map((_, index) => `const k${index} = keys[${index}];`),
    ...writing.memories.map(
      (index) => `let last${index} = no, same${index} = no, piece${index} = '', changes${index} = 0;`,
    ),
    'return function shape(fields, draft, stamp) {',
    'let text = "", v;',
    ...writing.lines,
    ...stamps,
    'draft.text = text;',
    writing.tail === undefined ? '' : `draft.tail = ${writing.tail};`,
    `draft.count += ${writing.entries.length};`,
    'return -1;',
    '};',
  ];
  // Named, and made of our own text and JSON only: see above.
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  const make = new Function('helpers', 'entries', 'nodes', 'keys', body.join('\n'));
  // It returns the function whose text stands here.
  return make(helpers, writing.entries, writing.nodes, writing.keys) as ShapeCode;
}

// Recursion is bounded by FAST_DEPTH_MAX: the plan is.
function writeMembers(members: readonly MemberPlan[], holder: string, writing: Writing): void {
  for (const member of members) {
    if (member.kind === 'object') writeObject(member, holder, writing);
    else if (member.kind === 'any') writeAny(member, holder, writing);
    else writeLeaf(member, holder, writing);
  }
}

function writeObject(plan: ObjectPlan, holder: string, writing: Writing): void {
  const name = `o${writing.objects}`;
  writing.objects += 1;
  const keys = writing.keys.push(plan.keys) - 1;
  writing.lines.push(
    `const ${name} = ${holder}[${JSON.stringify(plan.key)}];`,
    `if (!isShape(${name}, k${keys})) return ${plan.number};`,
  );
  writeMembers(plan.members, name, writing);
}

function writeAny(plan: LeafPlan, holder: string, writing: Writing): void {
  const node = writing.nodes.push(plan.node) - 1;
  if (writing.tail !== undefined) writing.lines.push(`draft.tail = ${writing.tail};`);
  writing.lines.push(
    'draft.text = text;',
    `draft.depth = ${plan.depth};`,
    `any(n${node}, ${holder}[${JSON.stringify(plan.key)}], draft);`,
    'draft.depth = 1;',
    'text = draft.text;',
  );
  writing.tail = undefined;
}

function writeLeaf(plan: LeafPlan, holder: string, writing: Writing): void {
  const { kind, entry } = plan;
  if (kind === 'any') return;
  const index = writing.entries.push(entry) - 1;
  const start = kind === 'text' ? 'beforeText' : 'before';
  const { tail } = writing;
  const before = tail === undefined ? `e${index}.${start}[draft.tail]` : JSON.stringify(entry[start][tail]);
  writing.lines.push(`v = ${holder}[${JSON.stringify(plan.key)}];`);
  if (kind === 'flag') writing.lines.push(...flagLines({ plan, before }));
  else writing.lines.push(...valueLines({ plan, before, index }, writing));
  writing.tail = kind === 'text' ? OPEN_TEXT : VALUE;
}

interface LeafCode {
  readonly plan: LeafPlan;
  /** The code of the text in front of the value. */
  readonly before: string;
}

function flagLines({ plan, before }: LeafCode): string[] {
  return [
    `if (typeof v !== "boolean") return ${plan.number};`,
    `text += v ? ${before} + "true" : ${before} + "false";`,
  ];
}

function valueLines({ plan, before, index }: LeafCode & { index: number }, writing: Writing): string[] {
  const isText = plan.kind === 'text';
  const check = `if (${isText ? 'typeof v !== "string"' : '!isNumber(v)'}) return ${plan.number};`;
  const value = isText ? 'raw(v)' : 'number(v)';
  // What stands in front of a remembered value must be the same every time.
  if (writing.tail === undefined) return [check, `text = text + ${before} + ${value};`];
  writing.memories.push(index);
  const [last, same, piece, changes] = ['last', 'same', 'piece', 'changes'].map((name) => name + index);
  return [
    `if (v === ${same}) text += ${piece};`,
    `else {`,
    check,
    `if (v === ${last} && ${changes} < ${SHAPE_REMEMBERED_CHANGES_MAX}) {`,
    `${changes} += 1; ${same} = v; ${piece} = flat(${before} + ${value}); text += ${piece};`,
    `} else { ${last} = ${isText ? `v.length <= ${SHAPE_REMEMBERED_CHARACTERS_MAX} ? v : no` : 'v'};`,
    `text = text + ${before} + ${value}; }`,
    `}`,
  ];
}
