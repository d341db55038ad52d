/**
 * Whether the folder of a running engine is still what it was at its start. An engine whose files were deleted under it goes
 * on answering from open files and fails in odd ways; it has to be replaced, and what it held comes back from the queue.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Asked for once the engine has started; the answer is asked for again and again. */
export function watchFolder(directory: string): () => boolean {
  const known = [directory, ...foldersIn(directory)].map((path) => ({ path, inode: inodeOf(path) }));
  return () => known.every(({ path, inode }) => inode !== undefined && inodeOf(path) === inode);
}

/** Those that the engine makes at its start and keeps: metadata, store, … */
function foldersIn(directory: string): string[] {
  try {
    const entries = readdirSync(directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
