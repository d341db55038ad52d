/**
 * The identity folder: made at the first start with one secret that only its owner can read, and never made anew where
 * there was one. With other keys every pseudonym would be another and every sealed field unreadable, so a folder that has
 * lost its key file is left as it is: records are taken and read, and what needs the keys says why it cannot.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import {
  createFileKeyStore,
  createPersonalBox,
  createPseudonyms,
  IDENTITY_KEYS_FILE,
  mastersOf,
  parseKeyFile,
  withNewEpoch,
  type PersonalBox,
  type Pseudonyms,
} from '@sillok/record/personal';

import type { Log } from '../log.js';
import { identityUnavailable } from './errors.js';

export interface IdentityKeys {
  readonly box: PersonalBox;
  readonly pseudonyms: Pseudonyms;
}

export interface KeyRoom {
  /** Throws a `ServerError` (503, `identity_unavailable`) while there are none. */
  readonly keys: () => IdentityKeys;
}

const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

export function openKeyRoom(directory: string, log: Log): KeyRoom {
  try {
    const keys = openKeys(directory, log);
    return { keys: () => keys };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error('there are no identity keys; records are taken and read all the same', { directory, reason });
    return {
      keys: () => {
        throw identityUnavailable(reason);
      },
    };
  }
}

function openKeys(directory: string, log: Log): IdentityKeys {
  const path = join(directory, IDENTITY_KEYS_FILE);
  if (!existsSync(path)) createKeys(directory, path);
  if ((statSync(path).mode & OTHERS) !== 0) {
    log.warn('others on this machine can read the identity keys: chmod 600', { path });
  }
  const masters = mastersOf(parseKeyFile(readFileSync(path, 'utf8')));
  const store = createFileKeyStore(directory);
  return { box: createPersonalBox({ masters, store }), pseudonyms: createPseudonyms(masters) };
}

function createKeys(directory: string, path: string): void {
  mkdirSync(directory, { recursive: true, mode: OWNER_ONLY });
  const [left] = readdirSync(directory);
  if (left !== undefined) {
    throw new Error(`${path} is gone, but the folder is not empty: put the file back from your backup of it`);
  }
  chmodSync(directory, OWNER_ONLY);
  // Fails when another process was faster; then its file is read.
  writeFileSync(path, withNewEpoch([], new Date().toISOString()), { mode: 0o600, flag: 'wx', flush: true });
}
