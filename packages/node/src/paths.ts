/**
 * What is known about keys and dotted paths, worked out once. The encoder meets the same few hundred paths for
 * ever; for each it needs the JSON of the key, its place in the line, and whether its value may be written at all.
 */
import { ENVELOPE_IDS, escapeKey, KNOWN_ATTRIBUTES, quote, type KnownType } from '@sillok/record';
import { KEY_CACHED_CHARACTERS_MAX, PATHS_CACHED_MAX } from './limits.js';

/** All that is known about one dotted path. */
export interface PathEntry {
  readonly path: string;
  /** What is written before a value, and before a text up to its first character, after: nothing, a value, an open text. */
  readonly before: readonly [string, string, string];
  readonly beforeText: readonly [string, string, string];
  /** Index into `PLACES` when values of this path stand at the top level of the line, else -1. */
  readonly place: number;
  readonly sensitive: boolean;
  /** Is encrypted with the key of a person: only the slow way does that. */
  readonly personal: boolean;
  /** Number of the last record that holds this path: see `fields.ts`. */
  stamp: number;
}

/** One key below one prefix. */
export interface KeyNode {
  readonly key: string;
  readonly path: string;
  readonly entry: PathEntry;
  readonly children: Map<string, KeyNode>;
  /** For a dotted key: what must not be a key beside it, or the dot would be ambiguous. */
  readonly prefixes: readonly string[] | undefined;
  /**
   * The key that stood after this one, and the first one below it, when they were last seen. Objects of one call
   * have the same keys in the same order, so this guess is nearly always right and saves a look into the map.
   */
  next: KeyNode | undefined;
  first: KeyNode | undefined;
}

/** What may stand at the top level of a line after the message, in line order: ids, then known attributes. */
export interface Place {
  readonly name: string;
  readonly json: string;
  readonly type: KnownType;
}

export const PLACES: readonly Place[] = [
  ...ENVELOPE_IDS.map((name): Place => ({ name, json: `,"${name}":`, type: 'keyword' })),
  ...KNOWN_ATTRIBUTES.map(({ name, type }): Place => ({ name, json: `,"${name}":`, type })),
];

/** Ids come first; they have a limit of their own. */
export const ID_PLACES = ENVELOPE_IDS.length;

const PLACE_INDEX = new Map(PLACES.map(({ name }, index) => [name, index]));

/** JavaScript orders such keys first, so a line that holds one is written the slow way. */
const INTEGER_KEY = /^(?:0|[1-9][0-9]{0,9})$/;
const NO_NAMESPACE = /\\|\p{Surrogate}/u;

export type IsSensitive = (path: string) => boolean;

export class PathTable {
  readonly root: KeyNode;
  readonly #isSensitive: IsSensitive;
  readonly #isPersonal: IsSensitive;
  readonly #entries = new Map<string, PathEntry>();

  constructor(isSensitive: IsSensitive, isPersonal: IsSensitive) {
    this.#isSensitive = isSensitive;
    this.#isPersonal = isPersonal;
    const entry = makeEntry('', { sensitive: false, personal: false });
    this.root = makeNode({ key: '', path: '', entry, prefixes: undefined });
  }

  /** A key seen for the first time below `parent`; `undefined` when it has to go the slow way. */
  add(parent: KeyNode, key: string): KeyNode | undefined {
    if (this.#entries.size >= PATHS_CACHED_MAX || key.length > KEY_CACHED_CHARACTERS_MAX) return undefined;
    const dotted = key.includes('.') && !NO_NAMESPACE.test(key);
    const own = dotted ? key : escapeKey(key);
    const path = parent === this.root ? own : `${parent.path}.${own}`;
    if (INTEGER_KEY.test(path) || path.length > KEY_CACHED_CHARACTERS_MAX) return undefined;
    const entry = this.#entryOf(path);
    const node = makeNode({ key, path, entry, prefixes: dotted ? prefixesOf(key) : undefined });
    parent.children.set(key, node);
    return node;
  }

  #entryOf(path: string): PathEntry {
    const known = this.#entries.get(path);
    if (known !== undefined) return known;
    const sensitive = this.#isSensitive(path);
    const entry = makeEntry(path, { sensitive, personal: !sensitive && this.#isPersonal(path) });
    this.#entries.set(path, entry);
    return entry;
  }
}

function makeNode(node: Pick<KeyNode, 'key' | 'path' | 'entry' | 'prefixes'>): KeyNode {
  return { ...node, children: new Map(), next: undefined, first: undefined };
}

function makeEntry(path: string, marks: Pick<PathEntry, 'sensitive' | 'personal'>): PathEntry {
  const json = `${quote(path)}:`;
  return {
    path,
    before: [json, `,${json}`, `",${json}`],
    beforeText: [`${json}"`, `,${json}"`, `",${json}"`],
    place: PLACE_INDEX.get(path) ?? -1,
    ...marks,
    stamp: 0,
  };
}

function prefixesOf(key: string): readonly string[] {
  const prefixes: string[] = [];
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1))
    prefixes.push(key.slice(0, dot));
  return prefixes;
}
