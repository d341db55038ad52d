/** A record of kind `script`: what a job or a one-off script says, apart from the live service's own log. */
import { LEVELS, type Level } from '@sillok/record';
import { makeHead, type Head } from './entry.js';
import { EMPTY_FRAGMENT } from './fragment.js';
import type { Logger } from './logger.js';

export interface ScriptRecord {
  readonly level: Level;
  readonly message: string;
  readonly fields: object;
}

const HEADS = new Map<Level, Head>(LEVELS.map((level) => [level, makeHead('script', level)]));

/** In the file when it returns true. */
export function scriptRecord(logger: Logger, { level, message, fields }: ScriptRecord): boolean {
  const head = HEADS.get(level) ?? makeHead('script', level);
  return logger.runtime.writer.write({ head, message, fields, bindings: EMPTY_FRAGMENT });
}
