/** Files, folders, `-` and compressed files, as streams of content bytes with what is known about them. */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { usageError } from '../errors.js';
import { READ_BYTES } from '../limits.js';

export interface Source {
  /** As the user wrote it; `-` is standard input. */
  readonly path: string;
  readonly name: string;
  /** Bytes on disk; 0 when not known. */
  readonly bytes: number;
  /** For records before the first time in the file: when the file was made. */
  readonly timeMs: number | undefined;
}

/** All files of the given paths; folders are walked. Throws `CliError` for a path that is not there. */
export async function findSources(paths: readonly string[]): Promise<Source[]> {
  const sources: Source[] = [];
  for (const path of paths) sources.push(...(await sourcesOf(path)));
  return sources;
}

async function sourcesOf(path: string): Promise<Source[]> {
  if (path === '-') return [{ path, name: 'stdin', bytes: 0, timeMs: undefined }];
  const found = await stat(path).catch(() => undefined);
  if (!found)
    throw usageError(`${path} is not there`, 'Check the path; patterns are expanded by your shell.');
  if (!found.isDirectory()) {
    const timeMs = found.birthtimeMs > 0 ? found.birthtimeMs : found.mtimeMs;
    return [{ path, name: basename(path), bytes: found.isFile() ? found.size : 0, timeMs }];
  }
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const nested = await Promise.all(files.sort().map((file) => sourcesOf(file)));
  return nested.flat();
}

/** The content, inflated when it is gzip whatever its name. `onBytes` hears how much of the file was read. */
export async function* readSource(source: Source, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  const raw: Readable =
    source.path === '-' ? process.stdin : createReadStream(source.path, { highWaterMark: READ_BYTES });
  const counted = counting(raw, onBytes);
  const first = await counted.next();
  if (first.done) return;
  const whole = joinFirst(first.value, counted);
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* inflate(whole);
  else yield* whole;
}

async function* counting(raw: Readable, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of raw) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    onBytes(bytes.length);
    yield bytes;
  }
}

async function* joinFirst(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

async function* inflate(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: READ_BYTES });
  const feeding = (async () => {
    for await (const chunk of packed) {
      if (!gunzip.write(chunk)) await new Promise((resolve) => gunzip.once('drain', resolve));
    }
    gunzip.end();
  })().catch((error: Error) => gunzip.destroy(error));
  for await (const chunk of gunzip) yield chunk;
  await feeding;
}
