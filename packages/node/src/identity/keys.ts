/**
 * The keys of identity in a service: read once from the file that the server made. Without them nothing stops: hashes and
 * blind indexes are left out, personal fields are not written at all, and that is said once.
 */
import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createFileKeyStore,
  createPersonalBox,
  createPseudonyms,
  mastersOf,
  parseKeyFile,
  type PersonalBox,
  type Pseudonyms,
} from '@sillok/record/personal';
import { errorMessage, isError } from '../serializers.js';

export interface IdentityKeys {
  readonly pseudonyms: Pseudonyms;
  readonly box: PersonalBox;
}

const OTHERS_MAY_READ = 0o077;

export function readIdentityKeys(
  path: string | undefined,
  notice: (text: string) => void,
): IdentityKeys | undefined {
  if (path === undefined || path === '') return undefined;
  try {
    const masters = mastersOf(parseKeyFile(readFileSync(path, 'utf8')));
    if ((statSync(path).mode & OTHERS_MAY_READ) !== 0) {
      notice(`others on this machine can read the identity keys in ${path}: chmod 600`);
    }
    const store = createFileKeyStore(dirname(path));
    return { pseudonyms: createPseudonyms(masters), box: createPersonalBox({ masters, store }) };
  } catch (error) {
    const why = isError(error) ? errorMessage(error) : String(error);
    notice(`no identity keys from ${path}: ${why}. Records carry no pseudonyms; nothing real is written`);
    return undefined;
  }
}
