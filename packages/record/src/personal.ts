/**
 * Personal fields, encrypted with a key per person before the first byte is written.
 *
 * Each person has a random key, kept wrapped by a master key in a store of its owner's choice. A sealed value
 * names the person's key and the master's epoch, so masters can be changed without touching a record.
 * Destroying a person's key makes every value of that person unreadable, everywhere, and leaves counts and
 * hashes valid. Values are found by blind indexes: HMACs under a key per epoch, so that a search tries each
 * epoch.
 *
 * Node only (`@sillok/record/personal`): everything else in this package runs in browsers.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { RecordError } from './errors.js';
import {
  AES_IV_BYTES,
  AES_KEY_BYTES,
  AES_TAG_BYTES,
  PERSON_KEYS_CACHED_MAX,
  PERSONAL_BYTES_MAX,
} from './limits.js';

/** Where wrapped keys live, apart from records, settings and backups. */
export interface PersonKeyStore {
  /** The wrapped key of a person; `undefined` when there is none; `'destroyed'` when it was erased. */
  get(person: string): string | undefined;
  /** Keeps the first key of a person. Answers the one that stands: this one, another writer's, `'destroyed'`. */
  add(person: string, wrapped: string): string;
  /** Another wrapping of the same key. Never undoes a destruction. */
  replace(person: string, wrapped: string): void;
  /** Erases the key, and remembers that there was one: a new key would hide that the old values are gone. */
  destroy(person: string): void;
}

export interface PersonalKeys {
  /** Master secrets by epoch, 32 bytes each. The highest epoch wraps and seals; older ones still open. */
  readonly masters: ReadonlyMap<number, Uint8Array>;
  readonly store: PersonKeyStore;
}

export interface PersonalBox {
  /** Encrypts a text for one person. `sillok:p1:<epoch>:<person>:<iv><ciphertext><tag>` in base64url. */
  seal(value: string, person: string): string;
  /**
   * Decrypts. `undefined` when the person's key was destroyed. Throws a `RecordError` when it was tampered
   * with.
   */
  open(sealed: string): string | undefined;
  /** Why `open` answers nothing: the key was destroyed, or it is not in this folder. */
  stateOf(sealed: string): 'here' | 'destroyed' | 'absent';
  /** The searchable stand-in of a value in the newest epoch. Same value, same kind: same index. */
  blindIndex(kind: BlindKind, value: string): string;
  /** The indexes of all epochs, to search old and new records alike. */
  blindIndexes(kind: BlindKind, value: string): string[];
  /** Makes all values of a person unreadable for good. */
  destroy(person: string): void;
  /** Wraps a person's key by the newest master. Records stay as they are. */
  rewrap(person: string): void;
}

export type BlindKind = 'email' | 'phone' | 'member' | 'order' | (string & {});

const PREFIX = 'sillok:p1';
/** What stands in the place of a destroyed key. */
export const DESTROYED = 'destroyed';

/** A store in memory, for tests and as the shape of a real one. */
export function createMemoryKeyStore(): PersonKeyStore {
  const wrapped = new Map<string, string>();
  return {
    get: (person) => wrapped.get(person),
    add(person, key) {
      const stands = wrapped.get(person) ?? key;
      wrapped.set(person, stands);
      return stands;
    },
    replace(person, key) {
      if (wrapped.get(person) !== DESTROYED) wrapped.set(person, key);
    },
    destroy: (person) => void wrapped.set(person, DESTROYED),
  };
}

/** Whose key a sealed value needs; undefined when it is no sealed value. */
export function personOf(sealed: string): string | undefined {
  const [scheme, version, , encoded, body] = sealed.split(':');
  if (`${scheme}:${version}` !== PREFIX || encoded === undefined || body === undefined) return undefined;
  return Buffer.from(encoded, 'base64url').toString();
}

export function isSealed(text: string): boolean {
  return text.startsWith(`${PREFIX}:`);
}

interface EpochKeys {
  readonly epoch: number;
  readonly wrapping: Buffer;
  readonly indexing: Buffer;
}

/** One master secret gives two keys, so that no index tells anything about a wrapped key. */
function deriveKeys([epoch, secret]: readonly [number, Uint8Array]): EpochKeys {
  const derive = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `sillok personal ${purpose}`, AES_KEY_BYTES));
  return { epoch, wrapping: derive('wrap'), indexing: derive('index') };
}

function checkedMasters(keys: PersonalKeys): EpochKeys[] {
  const masters = [...keys.masters].sort(([left], [right]) => right - left);
  const isValid = masters.every(
    ([epoch, secret]) => Number.isSafeInteger(epoch) && epoch >= 0 && secret.length === AES_KEY_BYTES,
  );
  if (masters.length === 0 || !isValid) {
    throw new RecordError({
      code: 'bad_keys',
      message: 'Personal fields need at least one master key of 32 bytes with a whole number as its epoch',
      help: "Create one: node -e \"console.log(require('crypto').randomBytes(32).toString('base64'))\"",
    });
  }
  return masters.map(deriveKeys);
}

export function createPersonalBox(keys: PersonalKeys): PersonalBox {
  const epochs = checkedMasters(keys);
  const newest = epochs[0] as EpochKeys; // checkedMasters refuses an empty list
  const { store } = keys;
  const unwrapped = new Map<string, Buffer>();

  function keyOf(person: string): Buffer | undefined {
    const wrapped = store.get(person);
    if (wrapped === undefined || wrapped === DESTROYED) return undefined;
    const cached = unwrapped.get(wrapped);
    if (cached) return cached;
    const key = unwrap(wrapped, person, epochs);
    if (unwrapped.size >= PERSON_KEYS_CACHED_MAX) unwrapped.clear();
    unwrapped.set(wrapped, key);
    return key;
  }

  /** Another process may have been faster: then its key is used. Undefined when the person was erased meanwhile. */
  function newKey(person: string): Buffer | undefined {
    store.add(person, wrap(randomBytes(AES_KEY_BYTES), person, newest));
    return keyOf(person);
  }

  function seal(value: string, person: string): string {
    const plain = Buffer.from(value);
    if (plain.length > PERSONAL_BYTES_MAX)
      throw unreadable(`a personal value has at most ${PERSONAL_BYTES_MAX} bytes`);
    const key = store.get(person) === DESTROYED ? undefined : (keyOf(person) ?? newKey(person));
    // The value of an erased person is not written at all: a new key would undo the erasure.
    if (key === undefined) return `${PREFIX}:${newest.epoch}:${name(person)}:`;
    const body = encrypt(key, plain, person);
    return `${PREFIX}:${newest.epoch}:${name(person)}:${body.toString('base64url')}`;
  }

  function open(sealed: string): string | undefined {
    const [scheme, version, , encoded, body, ...rest] = sealed.split(':');
    if (`${scheme}:${version}` !== PREFIX || encoded === undefined || body === undefined || rest.length > 0) {
      throw unreadable('this is not a sealed value');
    }
    const person = Buffer.from(encoded, 'base64url').toString();
    const key = keyOf(person);
    if (!key || body === '') return undefined;
    return decrypt(key, Buffer.from(body, 'base64url'), person).toString();
  }

  function stateOf(sealed: string): 'here' | 'destroyed' | 'absent' {
    const wrapped = store.get(personOf(sealed) ?? '');
    // A value without content was to be sealed after the erasure.
    if (wrapped === DESTROYED || sealed.endsWith(':')) return 'destroyed';
    return wrapped === undefined ? 'absent' : 'here';
  }

  function rewrap(person: string): void {
    const key = keyOf(person);
    if (key) store.replace(person, wrap(key, person, newest));
  }

  function destroy(person: string): void {
    unwrapped.clear();
    store.destroy(person);
  }

  const blindIndexes = (kind: BlindKind, value: string): string[] =>
    epochs.map((epoch) => blind(epoch, kind, value));
  const blindIndex = (kind: BlindKind, value: string): string => blind(newest, kind, value);
  return { seal, open, stateOf, blindIndex, blindIndexes, destroy, rewrap };
}

/** A person's name may hold colons; in base64url it does not. */
function name(person: string): string {
  return Buffer.from(person).toString('base64url');
}

function encrypt(key: Buffer, plain: Buffer, person: string): Buffer {
  const iv = randomBytes(AES_IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(person));
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Buffer, body: Buffer, person: string): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, AES_IV_BYTES), {
      authTagLength: AES_TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(person)).setAuthTag(body.subarray(-AES_TAG_BYTES));
    return Buffer.concat([decipher.update(body.subarray(AES_IV_BYTES, -AES_TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw unreadable('the value or its key was changed', cause);
  }
}

function wrap(key: Buffer, person: string, master: EpochKeys): string {
  return `${master.epoch}:${encrypt(master.wrapping, key, person).toString('base64url')}`;
}

function unwrap(wrapped: string, person: string, epochs: readonly EpochKeys[]): Buffer {
  const [epoch = '', body = ''] = wrapped.split(':');
  const master = epochs.find((candidate) => String(candidate.epoch) === epoch);
  if (!master) throw unreadable(`the master key of epoch ${epoch} is not here`);
  return decrypt(master.wrapping, Buffer.from(body, 'base64url'), person);
}

function unreadable(problem: string, cause?: unknown): RecordError {
  return new RecordError({
    code: 'sealed_unreadable',
    message: `A personal value cannot be read: ${problem}`,
    help: 'Check that the master keys are those of the service that sealed it. The record itself is not damaged.',
    cause,
  });
}

/**
 * `bi<epoch>_<22 characters>`: 128 bits are enough against accidents, and 22 characters are short enough to
 * log.
 */
function blind(keys: EpochKeys, kind: BlindKind, value: string): string {
  const mac = createHmac('sha256', keys.indexing)
    .update(`${kind}\u0000${normalise(kind, value)}`)
    .digest();
  return `bi${keys.epoch}_${mac.subarray(0, 16).toString('base64url')}`;
}

/** What people write in several ways must have one index. */
function normalise(kind: BlindKind, value: string): string {
  const text = value.normalize('NFKC').trim();
  if (kind === 'email') return text.toLowerCase();
  if (kind === 'phone') return normalisePhone(text);
  // Read aloud or typed from paper, numbers of members and orders lose their dashes and their case.
  if (kind === 'member' || kind === 'order') return text.toUpperCase().replace(/[\s\p{Pd}_.]/gu, '');
  return text;
}

/** `+82 (0)10-1234-5678`, `0082101234…` and `010 1234 5678` are one phone; other countries keep their code. */
function normalisePhone(text: string): string {
  const digits = text.replace(/\D/g, '');
  const international = text.startsWith('+') ? digits : digits.startsWith('00') ? digits.slice(2) : undefined;
  if (international === undefined) return digits.startsWith('82') ? digits.replace(/^820?/, '0') : digits;
  return international.startsWith('82') ? international.replace(/^820?/, '0') : `+${international}`;
}

export * from './personal-keys.js';
export * from './personal-names.js';
export { createFileKeyStore } from './personal-store.js';
export { IDENTITY_KEYS_FILE } from './filenames.js';
export * from './personal-routes.js';
