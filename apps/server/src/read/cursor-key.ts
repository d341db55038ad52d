/** The secret that cursors are signed with: made once, kept beside the data, readable by the server only. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CURSOR_KEY_FILE } from './filenames.js';
import { CURSOR_KEY_BYTES } from './limits.js';

/** A file that is missing or cut short is made anew: that only ends the pages that are being turned. */
export function loadCursorKey(dataDirectory: string): Uint8Array {
  const path = join(dataDirectory, CURSOR_KEY_FILE);
  try {
    const key = readFileSync(path);
    if (key.length === CURSOR_KEY_BYTES) return key;
  } catch {
    // Not there yet.
  }
  mkdirSync(dataDirectory, { recursive: true });
  const key = randomBytes(CURSOR_KEY_BYTES);
  writeFileSync(path, key, { mode: 0o600 });
  return key;
}
