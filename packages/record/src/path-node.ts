/**
 * A tree of the paths that were written: below each object's node, one node per key. Programs write the same
 * keys again and again, so escaping, quoting and the lookup of known attributes are done once per path;
 * afterwards a key costs one lookup in a small map, without building its path.
 */
import { KEY_BYTES_MAX, KEY_CACHE_LENGTH_MAX, KEY_CACHE_MAX } from './limits.js';
import { escapeKey } from './path.js';
import { pathInfo } from './quote.js';

export class PathNode {
  /** What the paths below begin with. */
  readonly prefix: string;
  /** `,"a.b":` */
  readonly json: string;
  /** Place among the known attributes, or -1. */
  readonly known: number;
  /** Too long for a line, or a number, which JavaScript would move to the front: left to the slow way. */
  readonly odd: boolean;
  /** Of a dotted key that is a path: the keys that must not stand beside it. */
  readonly conflicts: readonly string[];
  readonly children = new Map<string, PathNode>();

  constructor(path: string, prefix: string, conflicts: readonly string[]) {
    const info = pathInfo(path);
    this.prefix = prefix;
    this.json = `,${info.json}`;
    this.known = info.known;
    this.odd = path.length * 3 > KEY_BYTES_MAX || /^\d{1,16}$/.test(path);
    this.conflicts = conflicts;
  }
}

const NOT_A_NAMESPACE = /\\|\p{Surrogate}/u;

/** The keys that, standing beside a dotted key, forbid to read it as a path. */
function prefixesOf(key: string): string[] {
  const prefixes: string[] = [];
  for (let dot = key.indexOf('.'); dot !== -1; dot = key.indexOf('.', dot + 1)) {
    prefixes.push(key.slice(0, dot));
  }
  return prefixes;
}

const newRoot = (): PathNode => new PathNode('', '', []);

export class PathTree {
  root = newRoot();
  readonly #namespace: boolean;
  #size = 0;

  constructor(namespace: boolean) {
    this.#namespace = namespace;
  }

  /** Learns `key` in an object at `parent`. Look into `parent.children` first. */
  add(parent: PathNode, key: string): PathNode {
    const isPath = this.#namespace && key.includes('.') && !NOT_A_NAMESPACE.test(key);
    const path = parent.prefix + (isPath ? key : escapeKey(key));
    const node = new PathNode(path, `${path}.`, isPath ? prefixesOf(key) : []);
    if (key.length > KEY_CACHE_LENGTH_MAX) return node;
    this.#size += 1;
    if (this.#size > KEY_CACHE_MAX) this.#forget();
    else parent.children.set(key, node);
    return node;
  }

  /** Keys made of ids would fill the memory: when there are too many, learning begins anew. */
  #forget(): void {
    this.root = newRoot();
    this.#size = 0;
  }
}
