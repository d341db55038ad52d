/** The key by which a client marks a request that it may send again. Its hash is evidence; the key itself is never kept. */
import { createHash } from 'node:crypto';
import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from './limits.js';

export const IDEMPOTENCY_HEADERS: readonly string[] = ['idempotency-key', 'x-idempotency-key'];

const HASH_CHARACTERS = 32;

export function hashedIdempotencyKey(header: (name: string) => string | undefined): string | undefined {
  const key = header('idempotency-key') ?? header('x-idempotency-key');
  if (key === undefined || key === '' || key.length > IDEMPOTENCY_KEY_CHARACTERS_MAX) return undefined;
  return createHash('sha256').update(key).digest('hex').slice(0, HASH_CHARACTERS);
}
