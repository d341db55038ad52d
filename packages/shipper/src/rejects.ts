/**
 * Records that the server refused, kept beside the spool with the reason: a line
 * `{"seq":7,"code":"…","reason":"…","line":{…}}` each. A batch that is answered twice adds them once.
 */
import type { Disk } from '@sillok/spool';
import { join } from 'node:path';
import type { BatchLine } from './batch.js';
import { REJECT_FILE } from './filenames.js';
import { REJECT_FILE_BYTES_MAX } from './limits.js';
import type { Rejected } from './verdict.js';

export interface Rejects {
  /** Returns how many were new. */
  keep(rejected: readonly Rejected[], lines: readonly BatchLine[]): number;
}

export function openRejects(disk: Disk, directory: string): Rejects {
  const path = join(directory, REJECT_FILE);
  let lastSeq = lastSeqIn(disk, path);
  return {
    keep: (rejected, lines) => {
      const fresh = rejected.filter((each) => each.seq > lastSeq).toSorted((a, b) => a.seq - b.seq);
      if (fresh.length === 0) return 0;
      const texts = fresh.map((each) => `${encode(each, lines)}\n`).join('');
      appendTo(disk, path, Buffer.from(texts));
      lastSeq = fresh.at(-1)?.seq ?? lastSeq;
      return fresh.length;
    },
  };
}

function encode(rejected: Rejected, lines: readonly BatchLine[]): string {
  const { seq, code, reason } = rejected;
  const line = lines.find((each) => each.seq === seq)?.line.toString('utf8');
  return JSON.stringify({ seq, code, reason, line });
}

function appendTo(disk: Disk, path: string, bytes: Buffer): void {
  if ((disk.stat(path)?.bytes ?? 0) + bytes.length > REJECT_FILE_BYTES_MAX) return;
  const fd = disk.stat(path) === undefined ? disk.create(path) : disk.openAppend(path);
  try {
    disk.write(fd, bytes, { offset: 0, length: bytes.length });
  } finally {
    disk.close(fd);
  }
}

const SEQ_PATTERN = /(?:^|\n)\{"seq":(\d+),"code"/g;

function lastSeqIn(disk: Disk, path: string): number {
  const bytes = disk.stat(path)?.bytes ?? 0;
  if (bytes === 0) return 0;
  const fd = disk.openRead(path);
  try {
    const text = Buffer.alloc(Math.min(bytes, REJECT_FILE_BYTES_MAX));
    disk.read(fd, text, 0);
    return Number([...text.toString('latin1').matchAll(SEQ_PATTERN)].at(-1)?.[1] ?? 0);
  } finally {
    disk.close(fd);
  }
}
