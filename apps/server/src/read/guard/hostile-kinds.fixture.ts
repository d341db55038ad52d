/** How the corpus of hostile statements is written down. */
export interface Hostile {
  readonly what: string;
  readonly sql: string;
  readonly expect: 'refused' | 'harmless';
}

/** The guard itself must say no, before the engine runs anything. */
export function refused(what: string, ...statements: readonly string[]): Hostile[] {
  return statements.map((sql) => ({ what, sql, expect: 'refused' }));
}

/** May run, but must show nothing of others and change nothing. */
export function harmless(what: string, ...statements: readonly string[]): Hostile[] {
  return statements.map((sql) => ({ what, sql, expect: 'harmless' }));
}
