/** Passwords: scrypt, salted, with its parameters in the text, so that they can be raised later. Few at once. */
import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

import { tooManyAttempts } from './errors.js';
import { HASHES_AT_ONCE_MAX, HASHES_WAITING_MAX, SCRYPT } from './limits.js';

export async function hashPassword(password: string): Promise<string> {
  const { N, r, p, bytes, saltBytes } = SCRYPT;
  const salt = randomBytes(saltBytes);
  const hash = await derive({ password, salt, bytes, options: { N, r, p } });
  return ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$');
}

/** Takes as long for somebody who is not there (`stored` undefined) as for somebody who is. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const parts = (stored ?? NOBODY).split('$');
  const [N = 0, r = 0, p = 0] = parts.slice(1, 4).map(Number);
  const salt = Buffer.from(parts[4] ?? '', 'base64url');
  const expected = Buffer.from(parts[5] ?? '', 'base64url');
  const hash = await derive({ password, salt, bytes: expected.length, options: { N, r, p } });
  return timingSafeEqual(hash, expected) && stored !== undefined;
}

const NOBODY = `scrypt$${SCRYPT.N}$${SCRYPT.r}$${SCRYPT.p}$AAAAAAAAAAAAAAAAAAAAAA$${'A'.repeat(43)}`;

interface Derivation {
  readonly password: string;
  readonly salt: Buffer;
  readonly bytes: number;
  readonly options: ScryptOptions;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive({ password, salt, bytes, options }: Derivation): Promise<Buffer> {
  if (running >= HASHES_AT_ONCE_MAX) {
    if (waiting.length >= HASHES_WAITING_MAX) throw tooManyAttempts(1);
    await new Promise<void>((go) => waiting.push(go));
  }
  running += 1;
  try {
    return await new Promise<Buffer>((resolve, reject) => {
      // NFKC, so that a Korean or accented password is the same on every keyboard.
      scrypt(password.normalize('NFKC'), salt, bytes, { ...options, maxmem: SCRYPT.maxmem }, (error, key) =>
        error === null ? resolve(key) : reject(error),
      );
    });
  } finally {
    running -= 1;
    waiting.shift()?.();
  }
}
