/**
 * The key for local development: made at first start, all scopes, in a file that only its owner reads. One that is made again
 * later, because the file was taken away, is an entry of the audit log.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { SCOPES } from './keys.js';
import type { Settings } from './settings.js';

export const DEFAULT_PROJECT = 'default';
const OWNER_ONLY = 0o600;

/** The text of the key. A file whose key was revoked is left as it is: whoever revoked it meant it. */
export function ensureDevKey(path: string, settings: Settings): string {
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  const wanted = { name: 'local development', project: DEFAULT_PROJECT, scopes: SCOPES };
  const { key } =
    settings.keys.size === 0 ? settings.createFirstKey(wanted) : settings.createKey(wanted, 'server');
  writeFileSync(path, `${key}\n`, { mode: OWNER_ONLY, flag: 'wx' });
  return key;
}
