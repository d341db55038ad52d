/**
 * Frames of minified code → where they are in the sources. The original stack stays what it is; the resolved one stands beside
 * it. Maps are decoded when a first error needs them and a few are kept; so are the answers, since a page's errors repeat.
 */
import { originalPositionFor, TraceMap, type EncodedSourceMap } from '@jridgewell/trace-mapping';

import { MAPS_DECODED_MAX, MINIFIED_LENGTH_MAX, STACKS_RESOLVED_MAX } from './limits.js';
import { componentAt, type KeptMap } from './map-parse.js';
import type { MapStore, ReleaseName } from './map-store.js';
import { framesOf, type Frame } from './stack.js';

export interface ResolvedStack {
  /** As V8 would write it for the sources. */
  readonly text: string;
  /** What the first frame is part of. */
  readonly component: string | undefined;
}

interface Place {
  readonly source: string;
  readonly line: number;
  readonly column: number;
  readonly name: string | null;
  readonly component: string | undefined;
}

interface Decoded {
  readonly map: TraceMap;
  readonly components: KeptMap['components'];
}

export class MapResolver {
  readonly #store: MapStore;
  readonly #decoded = new Map<string, Decoded | undefined>();
  readonly #resolved = new Map<string, ResolvedStack | undefined>();

  constructor(store: MapStore) {
    this.#store = store;
  }

  /** Changes when another answer may be given. */
  revision(name: ReleaseName): string | undefined {
    return this.#store.revision(name);
  }

  /** Undefined when there is nothing to resolve. */
  resolve(name: ReleaseName, stack: string): ResolvedStack | undefined {
    const revision = this.#store.revision(name);
    if (revision === undefined) return undefined;
    const key = `${revision} ${JSON.stringify(name)} ${stack}`;
    if (this.#resolved.has(key)) return this.#resolved.get(key);
    const found = this.#resolveNow(name, stack);
    remember(this.#resolved, [key, found], STACKS_RESOLVED_MAX);
    return found;
  }

  #resolveNow(name: ReleaseName, stack: string): ResolvedStack | undefined {
    const frames = framesOf(stack);
    const places = frames.map((frame) => this.#placeOf(name, frame));
    if (!places.some((place) => place !== undefined)) return undefined;
    const lines = frames.map((frame, index) => {
      const place = places[index];
      // What a minified function was called stands where it is called from: in the frame below.
      const isMinified = frame.functionName.length <= MINIFIED_LENGTH_MAX;
      const called = (isMinified ? places[index + 1]?.name : undefined) ?? frame.functionName;
      const at = place === undefined ? frame : { url: place.source, line: place.line, column: place.column };
      const where = `${at.url}:${at.line}:${at.column}`;
      return called === '' ? `    at ${where}` : `    at ${called} (${where})`;
    });
    const [head = ''] = stack.split('\n', 1);
    const title = framesOf(head).length === 0 ? `${head}\n` : '';
    return { text: title + lines.join('\n'), component: places[0]?.component };
  }

  #placeOf(name: ReleaseName, { url, line, column }: Frame): Place | undefined {
    const decoded = this.#decode(name, url);
    if (decoded === undefined || line < 1 || column < 1) return undefined;
    const found = originalPositionFor(decoded.map, { line, column: column - 1 });
    if (found.source === null) return undefined;
    const source = decoded.map.sources.indexOf(found.source);
    const component = componentAt(decoded.components[source], found.line);
    return { source: found.source, line: found.line, column: found.column + 1, name: found.name, component };
  }

  #decode(name: ReleaseName, url: string): Decoded | undefined {
    const found = this.#store.find(name, url);
    if (found === undefined) return undefined;
    if (this.#decoded.has(found.path)) return this.#decoded.get(found.path);
    const decoded = tryDecode(found.text);
    remember(this.#decoded, [found.path, decoded], MAPS_DECODED_MAX);
    return decoded;
  }
}

function tryDecode(text: () => string): Decoded | undefined {
  try {
    // Written by the store from a map that was checked.
    const kept = JSON.parse(text()) as KeptMap & EncodedSourceMap;
    return { map: new TraceMap(kept), components: kept.components };
  } catch {
    // Mappings that are no mappings, or a file that is gone: the frame stays as it is.
    return undefined;
  }
}

/** The oldest goes first. */
function remember<V>(map: Map<string, V>, [key, value]: readonly [string, V], max: number): void {
  map.set(key, value);
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
