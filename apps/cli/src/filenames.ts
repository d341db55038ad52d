/** Every name on disk that the command line reads or writes. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** The key for local development, written by the server at its first start into its data folder. */
export const DEV_KEY_FILE = 'dev-key';
export const DATA_DIRECTORY = 'data';

/** Where `ship --follow` keeps how far it has come, unless `--state` says another place. */
export const FOLLOW_DIRECTORY = 'sillok-follow';
export const FOLLOW_LOCK_FILE = 'follow.lock';
export const TEMPORARY_SUFFIX = '.tmp';

const CURSOR_SUFFIX = '.cursor.json';

/** One cursor per file, named by its device and inode, so that a renamed file keeps its own. */
export function cursorFile(
  directory: string,
  file: { readonly device: string; readonly inode: string },
): string {
  return join(directory, `${file.device}-${file.inode}${CURSOR_SUFFIX}`);
}

export function isCursorFile(name: string): boolean {
  return name.endsWith(CURSOR_SUFFIX);
}

/** Configuration of a container beside its json-file log: knows the container's name. */
export const DOCKER_CONFIG_FILE = 'config.v2.json';

const COMPRESSED = /\.(gz|gzip)$/i;
const ROTATED =
  /(\.\d{1,4}|[-_.]\d{8}([-_.]?\d{2,6})?|[-_.]\d{4}-\d{2}-\d{2}([-_T.]?\d{2}[-_:]?\d{0,2}){0,2})$/;

/** `app.log` for `app.log`, `app.log.1`, `app.log.2.gz` and `app.log-20251121.gz`: rotation keeps a file's name. */
export function stemOf(baseName: string): string {
  let stem = baseName.replace(COMPRESSED, '');
  for (let previous = ''; previous !== stem;) {
    previous = stem;
    const shorter = stem.replace(ROTATED, '');
    if (shorter !== '') stem = shorter;
  }
  return stem;
}

/** `app` for `app.log`. */
export function serviceOf(stem: string): string {
  return stem.replace(/\.(log|json|jsonl|ndjson|txt|out|err)$/i, '') || stem;
}

/** The producer of a file's records. Names are kept readable; the hash keeps odd ones apart. */
export function producerOf(stem: string): string {
  const readable = stem.replace(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 60);
  return `file/${readable}-${createHash('sha256').update(stem).digest('hex').slice(0, 8)}`;
}

/** In the folder of `sillok witness`: its key (mode 600), what others check its signatures with, and what it has seen. */
export const WITNESS_KEY_FILE = 'witness-key';
export const WITNESS_VERIFIER_FILE = 'witness-verifier';
export const WITNESS_CHECKPOINTS_FILE = 'checkpoints';
export const WITNESS_KEY_CHANGES_FILE = 'key-changes';

/** Keys of persons, below the server's data folder unless SILLOK_IDENTITY_DIR says otherwise. */
export const IDENTITY_DIRECTORY = 'identity';
