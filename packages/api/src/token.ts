/**
 * A flush token names the last record that a caller wrote: base64url of JSON, readable by anyone, a secret to
 * nobody. It is made by `flush()` of the SDKs and taken by `GET /api/search?after=`.
 */
import { z } from 'zod';
import { TOKEN_CHARS_MAX } from './limits.js';

const flushToken = z.object({
  /** Absent in tokens of an SDK, which does not know it: the key of whoever asks says. */
  project: z.string().min(1).optional(),
  producer: z.string().min(1),
  boot: z.string().min(1),
  seq: z.int().nonnegative(),
});

export type FlushTokenShape = z.infer<typeof flushToken>;

export function encodeToken(token: FlushTokenShape): string {
  const { project, producer, boot, seq } = token;
  // JSON leaves out a project that is not there.
  return Buffer.from(JSON.stringify({ project, producer, boot, seq })).toString('base64url');
}

/** Undefined when the text is not a token. */
export function decodeToken(text: string): FlushTokenShape | undefined {
  if (text.length > TOKEN_CHARS_MAX || !/^[A-Za-z0-9_-]+=*$/.test(text)) return undefined;
  try {
    const parsed = flushToken.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
