/** What a record is made from, before it is a line. */
import type { Kind, Level } from '@sillok/record';
import type { Fragment } from './fragment.js';
import type { RecordIds } from './ids.js';
import type { Scope } from './scope.js';

/** Kind and level as they stand in the line. Made once per pair. */
export interface Head {
  readonly kind: Kind;
  readonly level: Level;
  readonly json: string;
}

export function makeHead(kind: Kind, level: Level): Head {
  return { kind, level, json: `"kind":"${kind}","level":"${level}","message":` };
}

export interface Entry {
  readonly head: Head;
  readonly message: string;
  readonly fields: object | undefined;
  readonly bindings: Fragment;
  /** The context to use instead of the current one. */
  readonly scope?: Scope | undefined;
  /** The place in the trace to use instead of the current one: spans end where another span is active. */
  readonly ids?: RecordIds | undefined;
}
