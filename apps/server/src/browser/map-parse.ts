/** A source map as bundlers write it → what is kept of it. Anybody's JSON: everything is checked, nothing is thrown. */
import { COMPONENTS_MAX } from './limits.js';

/** Where a component, a function or a class with a capital letter, begins. */
export type Declared = readonly [line: number, name: string];

export interface KeptMap {
  readonly version: 3;
  readonly sources: readonly (string | null)[];
  readonly names: readonly string[];
  readonly mappings: string;
  /** Per source, in the order of lines. */
  readonly components: readonly (readonly Declared[])[];
}

export type ParsedMap =
  | { readonly ok: true; readonly map: KeptMap }
  | { readonly ok: false; readonly reason: string };

export function parseMap(text: string): ParsedMap {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'it is not JSON' };
  }
  const { version, sections, sources, names, mappings, sourcesContent }: { [name: string]: unknown } =
    Object(given);
  if (sections !== undefined)
    return { ok: false, reason: 'maps with sections are not taken; bundle to one map per file' };
  if (version !== 3 || typeof mappings !== 'string' || !Array.isArray(sources))
    return { ok: false, reason: 'it has no version 3, sources and mappings' };
  if (!/^[A-Za-z0-9+/,;]*$/.test(mappings)) return { ok: false, reason: 'its mappings are no mappings' };
  const texts: readonly unknown[] = Array.isArray(sourcesContent) ? sourcesContent : [];
  return {
    ok: true,
    map: {
      version: 3,
      sources: sources.map((source: unknown) => (typeof source === 'string' ? shortSource(source) : null)),
      names: Array.isArray(names) ? names.map(String) : [],
      mappings,
      components: sources.map((_: unknown, index) => declaredIn(texts[index])),
    },
  };
}

/** The nearest above the line. */
export function componentAt(declared: readonly Declared[] | undefined, line: number): string | undefined {
  return declared?.findLast(([begins]) => begins <= line)?.[1];
}

const DECLARATION =
  /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|class|const|let|var)\s+([A-Z][\w$]*)/;

function declaredIn(text: unknown): readonly Declared[] {
  if (typeof text !== 'string') return [];
  const found: Declared[] = [];
  text.split('\n').forEach((line, index) => {
    const name = DECLARATION.exec(line.slice(0, 200))?.[1];
    // A constant in capitals is no component.
    if (name !== undefined && /[a-z]/.test(name) && found.length < COMPONENTS_MAX)
      found.push([index + 1, name]);
  });
  return found;
}

/** Without the climb out of the bundler's folder. */
function shortSource(source: string): string {
  return source.replace(/^(?:webpack:\/\/[^/]*\/|file:\/\/)/, '').replace(/^(?:\.{0,2}\/)+/, '');
}
