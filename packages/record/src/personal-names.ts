/**
 * Pseudonyms and signatures from the identity keys. A pseudonym is an HMAC of the real id under the key of an epoch:
 * the same person has the same name in all services, and without the key nobody can go back or try ids out.
 *
 * Each purpose has a key of its own, derived, so that a signature can never be made to say a pseudonym.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { AES_KEY_BYTES, PSEUDONYM_BYTES } from './limits.js';
import type { Masters } from './personal-keys.js';

export interface Pseudonyms {
  /** `u<epoch>_<22 characters>` in the newest epoch. */
  user(id: string): string;
  /** In all epochs, the newest first. */
  users(id: string): string[];
  /** `s<epoch>_<22 characters>`. */
  session(id: string): string;
  sessions(id: string): string[];
  /** A keyed stand-in of any other value that must not be written: `k<epoch>_…`, apart for each kind. */
  other(kind: string, value: string): string;
  /** `<epoch>.<32 hex digits>` */
  sign(purpose: string, text: string): string;
  verify(purpose: string, text: string, signature: string): boolean;
  /** A secret for one purpose in the newest epoch, for a program that cannot hold the keys. In hex. */
  secretFor(purpose: string): string;
}

interface EpochKeys {
  readonly epoch: number;
  readonly naming: Buffer;
  readonly signing: Buffer;
  readonly lending: Buffer;
}

const SIGNATURE_HEX = 32;

export function createPseudonyms(masters: Masters): Pseudonyms {
  const epochs = [...masters].sort(([left], [right]) => right - left).map(deriveKeys);
  const [newest] = epochs;
  if (newest === undefined) throw new Error('pseudonyms need at least one epoch');
  const name = (kind: string, keys: EpochKeys, id: string): string =>
    `${kind.charAt(0)}${keys.epoch}_${mac(keys.naming, `${kind}\u0000${id}`)}`;
  return {
    user: (id) => name('user', newest, id),
    users: (id) => epochs.map((keys) => name('user', keys, id)),
    session: (id) => name('session', newest, id),
    sessions: (id) => epochs.map((keys) => name('session', keys, id)),
    other: (kind, value) => `k${newest.epoch}_${mac(newest.naming, `other ${kind}\u0000${value}`)}`,
    sign: (purpose, text) => `${newest.epoch}.${signature(newest, purpose, text)}`,
    verify(purpose, text, given) {
      const [epoch, hex = ''] = given.split('.');
      const keys = epochs.find((each) => String(each.epoch) === epoch);
      if (keys === undefined || !/^[0-9a-f]{32}$/.test(hex)) return false;
      return timingSafeEqual(Buffer.from(hex), Buffer.from(signature(keys, purpose, text)));
    },
    secretFor: (purpose) => createHmac('sha256', newest.lending).update(purpose).digest('hex'),
  };
}

function deriveKeys([epoch, secret]: readonly [number, Uint8Array]): EpochKeys {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `sillok identity ${purpose}`, AES_KEY_BYTES));
  return { epoch, naming: derive('names'), signing: derive('signatures'), lending: derive('lent secrets') };
}

function mac(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest().subarray(0, PSEUDONYM_BYTES).toString('base64url');
}

function signature(keys: EpochKeys, purpose: string, text: string): string {
  return createHmac('sha256', keys.signing)
    .update(`${purpose}\u0000${text}`)
    .digest('hex')
    .slice(0, SIGNATURE_HEX);
}
