/**
 * A tree of the paths that a logger has written: below each object's node, one node per key. Programs log the
 * same keys again and again, so escaping, quoting, the known-attribute lookup and the redaction by key are
 * done once per path; afterwards a key costs one lookup in a small map, without building its path.
 */
import { KEY_BYTES_MAX, KEY_CACHE_LENGTH_MAX, KEY_CACHE_MAX } from './limits.js';
import { escapeKey } from './path.js';
import { pathInfo } from './quote.js';

export interface PathRules {
  readonly namespace: boolean;
  /** Whether redaction hides everything at this path. */
  readonly covers: (path: string) => boolean;
}

export class PathNode {
  readonly path: string;
  /** `,"a.b":` */
  readonly json: string;
  /** Place among the known attributes, or -1. */
  readonly known: number;
  readonly covered: boolean;
  /** One of 31 bits by the path, for a cheap "certainly not among these". */
  readonly bit: number;
  /** Too long for a line, or a number, which JavaScript would move to the front: left to the slow way. */
  readonly odd: boolean;
  /** Of a dotted key that is a path: the keys that must not stand beside it. */
  readonly conflicts: readonly string[];
  readonly children = new Map<string, PathNode>();
  /** What the paths below begin with. */
  readonly prefix: string;

  constructor(path: string, conflicts: readonly string[], covered: boolean) {
    const info = pathInfo(path);
    this.path = path;
    this.prefix = `${path}.`;
    this.json = `,${info.json}`;
    this.known = info.known;
    this.covered = covered;
    this.bit = 1 << (hash(path) % 31);
    this.odd = path.length * 3 > KEY_BYTES_MAX || /^\d{1,16}$/.test(path);
    this.conflicts = conflicts;
  }
}

function hash(path: string): number {
  let value = 0;
  for (let index = 0; index < path.length; index += 1) value = (value * 31 + path.charCodeAt(index)) >>> 0;
  return value;
}

export function bitOf(path: string): number {
  return 1 << (hash(path) % 31);
}

const NOT_A_NAMESPACE = /\\|\p{Surrogate}/u;

/** The keys that, standing beside a dotted key, forbid to read it as a path. */
function prefixesOf(key: string): string[] {
  const prefixes: string[] = [];
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1))
    prefixes.push(key.slice(0, dot));
  return prefixes;
}

class RootNode extends PathNode {
  override readonly prefix = '';

  constructor() {
    super('', [], false);
  }
}

export class PathTree {
  root = new RootNode();
  readonly #rules: PathRules;
  #size = 0;

  constructor(rules: PathRules) {
    this.#rules = rules;
  }

  /** Learns `key` in an object at `parent`. Look into `parent.children` first. */
  add(parent: PathNode, key: string): PathNode {
    const isPath = this.#rules.namespace && key.includes('.') && !NOT_A_NAMESPACE.test(key);
    const segment = isPath ? key : escapeKey(key);
    const path = parent.prefix + segment;
    const node = new PathNode(path, isPath ? prefixesOf(key) : [], this.#rules.covers(path));
    if (key.length > KEY_CACHE_LENGTH_MAX) return node;
    this.#size += 1;
    if (this.#size > KEY_CACHE_MAX) this.#forget();
    else parent.children.set(key, node);
    return node;
  }

  /** Keys made of ids would fill the memory: when there are too many, learning begins anew. */
  #forget(): void {
    this.root = new RootNode();
    this.#size = 0;
  }
}
