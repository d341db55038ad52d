/** The leaf hashes that the server kept, read offline: the first `count` of a project. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { HASH_BYTES, type Hash } from '@sillok/proof';

import { treeLevelFile } from '../filenames.js';

/** Undefined when there are fewer. */
export function tryReadLeaves(proofDirectory: string, project: string, count: number): Hash[] | undefined {
  const path = join(proofDirectory, project, treeLevelFile(0));
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  if (bytes.length < count * HASH_BYTES) return undefined;
  return Array.from({ length: count }, (_, index) =>
    bytes.toString('latin1', index * HASH_BYTES, (index + 1) * HASH_BYTES),
  );
}
