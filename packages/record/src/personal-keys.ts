/**
 * The key file of identity: one secret per epoch, shared by all services and the server, kept apart from records,
 * settings and backups. Everything that hides or finds a person is derived from it: pseudonyms, blind indexes,
 * signatures on baggage, the wrapping of persons' own keys.
 *
 * An epoch is never removed while its records are wanted: the newest one writes, all of them find.
 */
import { randomBytes } from 'node:crypto';
import { RecordError } from './errors.js';
import { AES_KEY_BYTES, KEY_EPOCHS_MAX } from './limits.js';

/** Secrets by epoch. */
export type Masters = ReadonlyMap<number, Uint8Array>;

interface KeyFile {
  readonly sillok_identity: 1;
  readonly epochs: readonly KeyEpoch[];
}

export interface KeyEpoch {
  readonly epoch: number;
  readonly created_at: string;
  /** 32 bytes in base64url. */
  readonly secret: string;
}

/** Throws a `RecordError` (`bad_keys`) that says what is wrong, and never shows a secret. */
export function parseKeyFile(text: string): readonly KeyEpoch[] {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw badKeyFile('it is not JSON', cause);
  }
  const epochs: unknown = Reflect.get(Object(file), 'epochs');
  if (Reflect.get(Object(file), 'sillok_identity') !== 1 || !Array.isArray(epochs)) {
    throw badKeyFile('it is not a key file of Sillok');
  }
  if (epochs.length === 0 || epochs.length > KEY_EPOCHS_MAX)
    throw badKeyFile(`it has ${epochs.length} epochs instead of 1 to ${KEY_EPOCHS_MAX}`);
  const read = epochs.map(readEpoch);
  const numbers = new Set(read.map(({ epoch }) => epoch));
  if (numbers.size !== read.length) throw badKeyFile('an epoch stands in it twice');
  return read.sort((left, right) => right.epoch - left.epoch);
}

export function mastersOf(epochs: readonly KeyEpoch[]): Masters {
  return new Map(epochs.map(({ epoch, secret }) => [epoch, Buffer.from(secret, 'base64url')]));
}

/** The text of a new file, or of `before` with one epoch more. */
export function withNewEpoch(before: readonly KeyEpoch[], createdAt: string): string {
  const epoch = Math.max(0, ...before.map((each) => each.epoch)) + 1;
  if (before.length >= KEY_EPOCHS_MAX) throw badKeyFile(`it has ${KEY_EPOCHS_MAX} epochs already`);
  const secret = randomBytes(AES_KEY_BYTES).toString('base64url');
  const file: KeyFile = {
    sillok_identity: 1,
    epochs: [{ epoch, created_at: createdAt, secret }, ...before],
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

function readEpoch(given: unknown): KeyEpoch {
  const { epoch, created_at, secret }: Record<string, unknown> = Object(given);
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 1)
    throw badKeyFile('an epoch has no whole number from 1');
  if (typeof secret !== 'string' || Buffer.from(secret, 'base64url').length !== AES_KEY_BYTES)
    throw badKeyFile(`the secret of epoch ${epoch} is not ${AES_KEY_BYTES} bytes in base64url`);
  return { epoch, secret, created_at: typeof created_at === 'string' ? created_at : '' };
}

function badKeyFile(problem: string, cause?: unknown): RecordError {
  return new RecordError({
    code: 'bad_keys',
    message: `The identity key file cannot be used: ${problem}`,
    help: 'Take the file from the server’s identity folder (SILLOK_IDENTITY_DIR) or from your backup of it. Records are not affected.',
    cause,
  });
}
