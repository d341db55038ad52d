/**
 * The text of a checkpoint (c2sp.org/tlog-checkpoint): whose log, how many leaves, the root over them, and lines of ours.
 *
 *     sillok.example/default/audit
 *     1234
 *     BASE64 of the root
 *     time 2026-11-21T10:00:00Z
 */
import { hashToBase64, tryHashFromBase64, type Hash } from './hash.js';

export interface Checkpoint {
  /** Names the log for ever. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** Further lines, `WORD VALUE`; none may be empty. */
  readonly extensions: readonly string[];
}

/** Ends in a newline, ready to be signed. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), hashToBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

export function tryCheckpoint(text: string): Checkpoint | undefined {
  const [origin = '', size = '', root = '', ...rest] = text.split('\n');
  if (rest.pop() !== '' || rest.includes('') || origin === '') return undefined;
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) return undefined;
  const hash = tryHashFromBase64(root);
  return hash === undefined ? undefined : { origin, size: Number(size), root: hash, extensions: rest };
}
