/** Replaces a small file so that a crash leaves the old text or the new one: temporary file, fsync, rename, fsync. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

const TEMPORARY_SUFFIX = '.tmp';
const FILE_MODE = 0o640;

export async function replaceFile(path: string, text: string | Iterable<string>): Promise<void> {
  const temporary = path + TEMPORARY_SUFFIX;
  const file = await open(temporary, 'w', FILE_MODE);
  try {
    for (const part of typeof text === 'string' ? [text] : text) await file.write(part);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(dirname(path), 'r');
  await directory.sync().finally(() => directory.close());
}

export function replaceFileNow(path: string, text: string, mode: number = FILE_MODE): void {
  const temporary = path + TEMPORARY_SUFFIX;
  const file = openSync(temporary, 'w', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
