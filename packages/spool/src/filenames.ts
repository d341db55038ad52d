/**
 * Every name that the spool gives to something on disk, in one place.
 *
 * A spool is one folder. The SDK keeps `<root>/<producer>/<boot>/`, one folder per process and thread; the
 * server's queue keeps one per retention class. Inside:
 *
 *   segment-0000000001.ndjson       header line, record lines, integrity lines
 *   segment-0000000002.ndjson.gz    the same, compressed after it was sealed
 *   writer.stage                    the last lines of the segment being written, in a file that is mapped into memory
 *   writer.lock                     who writes here (pid, start of that process, machine boot)
 *   cursor-<name>.json              how far a named reader has come
 *   quarantine/…                    damaged stretches, byte for byte, with the reason in the name
 *   segment-0000000003.distrust     an fsync of that segment failed: its pages must be written anew
 */
import { join } from 'node:path';

const SEGMENT_DIGITS = 10;
const SEGMENT_PATTERN = /^segment-([0-9]{10})\.ndjson(\.gz)?$/;
const LOCK_ATTEMPT = /\.lock\.[0-9a-f-]{36}$/;
const CURSOR_PATTERN = /^cursor-(.+)\.json$/;

export const LOCK_FILE = 'writer.lock';
export const STAGE_FILE = 'writer.stage';
export const QUARANTINE_DIRECTORY = 'quarantine';
export const TEMPORARY_SUFFIX = '.tmp';
export const COMPRESSED_SUFFIX = '.gz';

export interface SegmentName {
  readonly segment: number;
  readonly compressed: boolean;
}

const padded = (segment: number): string => String(segment).padStart(SEGMENT_DIGITS, '0');

export const segmentFile = (segment: number): string => `segment-${padded(segment)}.ndjson`;

export const distrustFile = (segment: number): string => `segment-${padded(segment)}.distrust`;

export function parseSegmentFile(name: string): SegmentName | undefined {
  const match = SEGMENT_PATTERN.exec(name);
  if (match === null) return undefined;
  return { segment: Number(match[1]), compressed: match[2] !== undefined };
}

export const cursorFile = (name: string): string => `cursor-${safeName(name)}.json`;

export function parseCursorFile(file: string): string | undefined {
  return CURSOR_PATTERN.exec(file)?.[1];
}

/** What a crash may leave behind of a file that was being replaced or a lock that was being taken. */
export const isTemporary = (name: string): boolean =>
  name.endsWith(TEMPORARY_SUFFIX) || LOCK_ATTEMPT.test(name);

export interface Stretch {
  readonly segment: number;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** The same stretch always gets the same name, so that looking at damage twice keeps one copy of it. */
export const quarantineFile = (stretch: Stretch): string =>
  `segment-${padded(stretch.segment)}-${stretch.from}-${stretch.to}-${stretch.reason}.bytes`;

/** The folder of one process: `<root>/<producer>/<boot>`. */
export function bootDirectory(root: string, owner: { producer: string; boot: string }): string {
  return join(root, safeName(owner.producer), safeName(owner.boot));
}

/** A name that is one path element on every file system: other bytes become `%XX`. */
export function safeName(name: string): string {
  const escaped = Array.from(new TextEncoder().encode(name), escapeByte).join('');
  return escaped.startsWith('.') ? `%2E${escaped.slice(1)}` : escaped;
}

const SAFE_CHARACTER = /[A-Za-z0-9._-]/;

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  if (SAFE_CHARACTER.test(character)) return character;
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
