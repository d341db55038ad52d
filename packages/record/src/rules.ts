/**
 * The rule file: how a team's own names become the record's names. One rule a line, so that a change is one
 * line of a review. Rules add; the original stays where it was, and what does not fit its type is reported,
 * not forced.
 *
 *     # comment
 *     route  /orders/:id/items/*           url.path → http.route, when there is none
 *     alias  req.method = http.request.method
 *     unit   elapsed s = duration_ms ms
 *     level  notice = warn
 *     type   order.id = string
 */
import { ORIGINAL_LEVEL } from './build-record.js';
import { fitsKnown } from './encode.js';
import { RecordError } from './errors.js';
import { emptyFlat } from './flat.js';
import { KNOWN_ATTRIBUTES } from './known.js';
import { RULES_BYTES_MAX, RULES_MAX } from './limits.js';
import { QUARANTINE_PREFIX } from './quarantine.js';
import { LEVELS } from './types.js';
import type { FlatRecord, FlatValue, Level } from './types.js';

export interface Rules {
  readonly routes: readonly RouteRule[];
  readonly aliases: readonly AliasRule[];
  readonly units: readonly UnitRule[];
  /** Lower-case name → level. */
  readonly levels: ReadonlyMap<string, Level>;
  readonly types: readonly TypeRule[];
}

export interface RouteRule {
  readonly route: string;
  readonly segments: readonly string[];
}

export interface AliasRule {
  readonly from: string;
  readonly to: string;
}

export interface UnitRule extends AliasRule {
  readonly factor: number;
}

export interface TypeRule {
  readonly field: string;
  readonly type: 'string' | 'number' | 'boolean';
}

/** Where the original stays when a rule changes a value in place. */
export const ORIGINAL_PREFIX = 'sillok.original.';
/** Where a conflict of types is reported. */
export const CONFLICT_PREFIX = 'sillok.conflict.';

/** Size of each unit in the smallest of its kind. */
const UNITS: { readonly [unit: string]: { readonly kind: string; readonly size: number } } = {
  ns: { kind: 'time', size: 1 },
  us: { kind: 'time', size: 1e3 },
  ms: { kind: 'time', size: 1e6 },
  s: { kind: 'time', size: 1e9 },
  min: { kind: 'time', size: 60e9 },
  h: { kind: 'time', size: 3600e9 },
  B: { kind: 'bytes', size: 1 },
  kB: { kind: 'bytes', size: 1e3 },
  MB: { kind: 'bytes', size: 1e6 },
  GB: { kind: 'bytes', size: 1e9 },
  KiB: { kind: 'bytes', size: 2 ** 10 },
  MiB: { kind: 'bytes', size: 2 ** 20 },
  GiB: { kind: 'bytes', size: 2 ** 30 },
  ratio: { kind: 'share', size: 100 },
  percent: { kind: 'share', size: 1 },
};

interface Draft {
  readonly routes: RouteRule[];
  readonly aliases: AliasRule[];
  readonly units: UnitRule[];
  readonly levels: Map<string, Level>;
  readonly types: TypeRule[];
}

/** Reads a rule file. Throws a `RecordError` that names the line: its author is there to correct it. */
export function parseRules(text: string): Rules {
  if (text.length > RULES_BYTES_MAX)
    throw badRules(0, `the file has more than ${RULES_BYTES_MAX} characters`);
  const draft: Draft = { routes: [], aliases: [], units: [], levels: new Map(), types: [] };
  const lines = text.split('\n').map((line) => line.replace(/(?:^|\s)#.*$/, '').trim());
  if (lines.filter((line) => line !== '').length > RULES_MAX)
    throw badRules(0, `more than ${RULES_MAX} rules`);
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    const problem = readRule(draft, line);
    if (problem !== undefined) throw badRules(index + 1, problem);
  }
  return draft;
}

function badRules(line: number, problem: string): RecordError {
  return new RecordError({
    code: 'bad_rules',
    message: `Rule file, line ${line}: ${problem}`,
    help: 'One rule a line: route, alias, unit, level or type. See docs/reference/record.md.',
  });
}

/** Answers what is wrong with the line, if anything. */
function readRule(draft: Draft, line: string): string | undefined {
  const [verb = '', ...words] = line.split(/\s+/);
  const [from = '', second = '', third = '', fourth = '', fifth = ''] = words;
  switch (verb) {
    case 'route':
      if (!from.startsWith('/') || words.length !== 1) return 'a route is one pattern: route /orders/:id';
      draft.routes.push({ route: from, segments: from.split('/').slice(1) });
      return undefined;
    case 'alias':
      if (second !== '=' || words.length !== 3) return 'alias FIELD = FIELD';
      draft.aliases.push({ from, to: third });
      return undefined;
    case 'level':
      return readLevelRule(draft, words);
    case 'type':
      if (second !== '=' || words.length !== 3) return 'type FIELD = string, number or boolean';
      if (third !== 'string' && third !== 'number' && third !== 'boolean') return `unknown type ${third}`;
      draft.types.push({ field: from, type: third });
      return undefined;
    case 'unit':
      if (third !== '=' || words.length !== 5) return 'unit FIELD UNIT = FIELD UNIT';
      return readUnitRule(draft, { from, fromUnit: second, to: fourth, toUnit: fifth });
    default:
      return `unknown rule ${verb}`;
  }
}

function readLevelRule(draft: Draft, words: readonly string[]): string | undefined {
  const [name = '', equals = '', target = ''] = words;
  const level = LEVELS.find((candidate) => candidate === target);
  if (equals !== '=' || words.length !== 3 || !level) return `level NAME = one of ${LEVELS.join(', ')}`;
  draft.levels.set(name.toLowerCase(), level);
  return undefined;
}

type UnitWords = {
  readonly from: string;
  readonly fromUnit: string;
  readonly to: string;
  readonly toUnit: string;
};

function readUnitRule(draft: Draft, words: UnitWords): string | undefined {
  const source = UNITS[words.fromUnit];
  const target = UNITS[words.toUnit];
  if (!source || !target) return `units are ${Object.keys(UNITS).join(', ')}`;
  if (source.kind !== target.kind)
    return `${words.fromUnit} is ${source.kind}, ${words.toUnit} is ${target.kind}`;
  draft.units.push({ from: words.from, to: words.to, factor: source.size / target.size });
  return undefined;
}

/** A value that did not become what a rule asks for. `field` is a name of the rule file, never one of the record. */
export interface RuleConflict {
  readonly field: string;
  readonly problem: string;
}

const NO_CONFLICTS: readonly RuleConflict[] = [];

/**
 * Applies all rules, in place, and answers what did not fit. Aliases come first, so that the other rules need only the
 * record's own names. A second application changes nothing: a record may pass the rules of its SDK and of the server.
 */
export function applyRules(rules: Rules, record: FlatRecord): readonly RuleConflict[] {
  let conflicts: RuleConflict[] | undefined;
  const tell = (field: string, problem: string | undefined): void => {
    if (problem === undefined) return;
    record.attributes ??= emptyFlat();
    record.attributes[CONFLICT_PREFIX + field] = problem;
    (conflicts ??= []).push({ field, problem });
  };
  for (const rule of rules.aliases) tell(rule.to, applyAlias(rule, record));
  for (const rule of rules.units) tell(rule.to, applyUnit(rule, record));
  for (const rule of rules.types) tell(rule.field, applyType(rule, record));
  if (rules.levels.size > 0) applyLevel(rules.levels, record);
  if (rules.routes.length > 0) applyRoute(rules.routes, record);
  return conflicts ?? NO_CONFLICTS;
}

const KNOWN_TYPES = new Map(KNOWN_ATTRIBUTES.map(({ name, type }) => [name, type]));

function read(record: FlatRecord, field: string): FlatValue | undefined {
  // A known attribute is a string or a number.
  if (KNOWN_TYPES.has(field) && record[field] !== undefined) return record[field] as FlatValue;
  const { attributes } = record;
  return attributes !== undefined && Object.hasOwn(attributes, field) ? attributes[field] : undefined;
}

/** Sets a field at the place where it belongs. */
function write(record: FlatRecord, field: string, value: FlatValue): void {
  const type = KNOWN_TYPES.get(field);
  if (type !== undefined && fitsKnown(value, type)) {
    record[field] = value;
    if (record.attributes !== undefined) delete record.attributes[field];
    return;
  }
  record.attributes ??= emptyFlat();
  record.attributes[field] = value;
}

/** Answers what does not fit, if anything; so do the two below. */
function applyAlias(rule: AliasRule, record: FlatRecord): string | undefined {
  const value = read(record, rule.from);
  if (value === undefined) return undefined;
  const current = read(record, rule.to);
  if (current !== undefined) return isSame(value, current) ? undefined : `${rule.from} has another value`;
  const type = KNOWN_TYPES.get(rule.to);
  const converted =
    type === undefined
      ? value
      : convertTo(value, type === 'keyword' || type === 'text' ? 'string' : 'number');
  if (converted === undefined || (type !== undefined && !fitsKnown(converted, type)))
    return `${rule.from} is not a ${type ?? 'value'}`;
  write(record, rule.to, converted);
  return undefined;
}

/** Whether they are one value, be it as another type: `"200"` and 200. */
function isSame(value: FlatValue, current: FlatValue): boolean {
  if (value === current) return true;
  if (typeof value === 'object' || typeof current === 'object')
    return JSON.stringify(value) === JSON.stringify(current);
  return String(value) === String(current) || convertTo(value, typeOf(current)) === current;
}

function typeOf(value: string | number | boolean): TypeRule['type'] {
  if (typeof value === 'string') return 'string';
  return typeof value === 'number' ? 'number' : 'boolean';
}

function applyUnit(rule: UnitRule, record: FlatRecord): string | undefined {
  const value = read(record, rule.from);
  if (value === undefined || read(record, rule.to) !== undefined) return undefined;
  const number = convertTo(value, 'number');
  if (typeof number !== 'number') return `${rule.from} is not a number`;
  write(record, rule.to, number * rule.factor);
  return undefined;
}

function applyType(rule: TypeRule, record: FlatRecord): string | undefined {
  const value = read(record, rule.field);
  if (value === undefined || value === null || typeof value === rule.type) return undefined;
  const converted = convertTo(value, rule.type);
  if (converted === undefined) return `is ${describe(value)}, not ${rule.type}`;
  record.attributes ??= emptyFlat();
  record.attributes[ORIGINAL_PREFIX + rule.field] = value;
  write(record, rule.field, converted);
  return undefined;
}

function describe(value: FlatValue): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The same value as another type, when that loses nothing. */
function convertTo(value: FlatValue, type: TypeRule['type']): FlatValue | undefined {
  if (typeof value === type) return value;
  if (type === 'string') return typeof value === 'object' ? undefined : String(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (type === 'boolean') return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
  return NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

function applyLevel(levels: ReadonlyMap<string, Level>, record: FlatRecord): void {
  for (const field of [ORIGINAL_LEVEL, `${QUARANTINE_PREFIX}level`, 'level']) {
    const name = read(record, field);
    const level = typeof name === 'string' ? levels.get(name.toLowerCase()) : undefined;
    if (level === undefined) continue;
    record.level = level;
    return;
  }
}

function applyRoute(routes: readonly RouteRule[], record: FlatRecord): void {
  const path = record['url.path'];
  if (typeof path !== 'string' || record['http.route'] !== undefined) return;
  const segments = (path.split(/[?#]/, 1)[0] ?? '').split('/').slice(1);
  const rule = routes.find((candidate) => matchesRoute(candidate.segments, segments));
  if (rule) record['http.route'] = rule.route;
}

/** `:name` and `*` take one segment, `**` at the end takes the rest. */
function matchesRoute(pattern: readonly string[], segments: readonly string[]): boolean {
  const hasRest = pattern.at(-1) === '**';
  const fixed = hasRest ? pattern.slice(0, -1) : pattern;
  if (hasRest ? segments.length < fixed.length : segments.length !== fixed.length) return false;
  return fixed.every((part, index) => part === '*' || part.startsWith(':') || part === segments[index]);
}
