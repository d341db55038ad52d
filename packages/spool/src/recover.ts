/**
 * Brings a folder that nobody writes any more into order: after it, every segment but a damaged one is proven
 * from its first byte to its end line.
 *
 * A segment without an end line was being written when its process or the machine died. The proven part of its
 * tail gets an integrity line and the segment its end line; what is not proven is copied to the quarantine and
 * cut off. Lines that the writer still had in its stage are put behind that tail first. A damaged stretch in front of intact groups is copied there too and stays where it is, because
 * positions must not move; readers pass over it. Running it twice changes nothing.
 */
import { join } from 'node:path';
import { crc32 } from './checksum.js';
import { nodeDisk, type Disk } from './disk.js';
import { isDiskFull } from './errors.js';
import { QUARANTINE_DIRECTORY, STAGE_FILE, distrustFile, isTemporary, quarantineFile } from './filenames.js';
import { directoriesToSync, syncDirectoryNow, unlinkQuietly } from './files.js';
import { withFile, writeAll, writeFileDurably } from './files.js';
import { encodeIntegrity } from './integrity.js';
import { LOCK_STALE_MS, RETIRING_MAX } from './limits.js';
import { acquireLock } from './lock.js';
import { nodeProcesses, type Processes } from './processes.js';
import type { Damage } from './read.js';
import { rewriteSegment } from './rewrite.js';
import { isSealed, listSegmentFiles, type DirectoryOptions, type SegmentFileInfo } from './segments.js';
import { openSource, type ByteSource } from './source.js';
import { surveySegment, type Survey } from './survey.js';
import type { Staged } from './stage.js';
import { unstage } from './unstage.js';

export interface RecoveryReport {
  readonly segments: number;
  /** Segments that were being written and were closed now. */
  readonly closed: number;
  /** Records proven in the segments that were looked at. */
  readonly records: number;
  /** Records after the last integrity line that were proven by parsing, and kept. */
  readonly tailRecords: number;
  /** What was cut off at the end, and what is damaged in the middle; all of it is in the quarantine. */
  readonly damaged: readonly (Damage & { readonly quarantine: string })[];
  readonly damagedBytes: number;
}

export interface RecoverOptions extends DirectoryOptions {
  readonly processes?: Processes | undefined;
  readonly clockMs?: (() => number) | undefined;
  /** `unsealed` looks only at segments that were being written, which is what a writer does at its start. */
  readonly scope?: 'all' | 'unsealed' | undefined;
}

interface Work {
  readonly disk: Disk;
  readonly directory: string;
  closed: number;
  records: number;
  tailRecords: number;
  readonly damaged: (Damage & { quarantine: string })[];
}

/** Throws `spool_locked` when the folder has a living writer. */
export function recoverSpool(options: RecoverOptions): RecoveryReport {
  const disk = options.disk ?? nodeDisk;
  const { directory, clockMs = Date.now, processes = nodeProcesses } = options;
  const lock = acquireLock({ disk, directory, processes, clockMs });
  try {
    return recoverLocked({ ...options, disk });
  } finally {
    lock.release();
  }
}

/** For the holder of the folder's lock. */
export function recoverLocked(options: RecoverOptions & { readonly disk: Disk }): RecoveryReport {
  const { disk, directory } = options;
  const files = listSegmentFiles(disk, directory);
  const work: Work = { disk, directory, closed: 0, records: 0, tailRecords: 0, damaged: [] };
  const stage = bringHome(work);
  for (const file of files) {
    rewriteDistrusted(work, file);
    const sealed = isSealed(disk, file);
    if (sealed && options.scope === 'unsealed') continue;
    if (sealed) inspect(work, file);
    else if (stage !== 'waits') close(work, file);
  }
  makeLasting(disk, directory);
  if (stage === 'home') unlinkQuietly(disk, join(directory, STAGE_FILE));
  sweepTemporaries(disk, directory, (options.clockMs ?? Date.now)());
  const damagedBytes = work.damaged.reduce((sum, stretch) => sum + stretch.to - stretch.from, 0);
  const { closed, records, tailRecords, damaged } = work;
  return { segments: files.length, closed, records, tailRecords, damaged, damagedBytes };
}

/** `waits`: the disk has no room for them yet, and the segment that they belong to must not be closed without them. */
function bringHome(work: Work): 'home' | 'waits' | 'none' {
  const { disk, directory } = work;
  let result: 'home' | 'waits' | 'none' = 'waits';
  unlessFull(() => {
    const unstaged = unstage(disk, directory);
    if (unstaged?.homeless !== undefined) quarantineStaged(work, unstaged.homeless);
    result = unstaged === undefined ? 'none' : 'home';
  });
  return result;
}

/**
 * A killed process may have left whole, sealed segments and names that never were synced. What is shown to readers
 * from now on must survive a power cut, because acknowledgements are built on it.
 */
function makeLasting(disk: Disk, directory: string): void {
  const newest = listSegmentFiles(disk, directory).slice(-RETIRING_MAX - 1);
  for (const file of newest) withFile(disk, disk.openAppend(file.path), (fd) => disk.datasyncNow(fd));
  if (newest.length === 0) return;
  for (const each of directoriesToSync(directory, undefined)) syncDirectoryNow(disk, each);
}

/** Young ones may belong to a reader that is replacing its cursor right now. */
function sweepTemporaries(disk: Disk, directory: string, nowMs: number): void {
  for (const name of disk.list(directory).filter(isTemporary)) {
    const path = join(directory, name);
    if (nowMs - (disk.stat(path)?.modifiedMs ?? nowMs) > LOCK_STALE_MS) unlinkQuietly(disk, path);
  }
}

function inspect(work: Work, file: SegmentFileInfo): void {
  withFile(work.disk, work.disk.openRead(file.path), (fd) => {
    const source = openSource(work.disk, fd, file);
    const survey = surveySegment(source);
    work.records += survey.records;
    for (const damage of survey.damaged) quarantine(work, source, { segment: file.segment, ...damage });
  });
}

function close(work: Work, file: SegmentFileInfo): void {
  const { disk } = work;
  unlessFull(() => {
    withFile(disk, disk.openAppend(file.path), (fd) => closeOpen(work, file, fd));
    work.closed += 1;
  });
}

/** A failed fsync was noted for this segment, whether it was full or not. */
function rewriteDistrusted(work: Work, file: SegmentFileInfo): void {
  const { disk, directory } = work;
  const distrust = join(directory, distrustFile(file.segment));
  if (disk.stat(distrust) === undefined) return;
  unlessFull(() => {
    rewriteSegment(disk, file.path);
    unlinkQuietly(disk, distrust);
  });
}

/** A full disk must not keep the writer from starting: it is what frees space. The next start does the rest. */
function unlessFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

function closeOpen(work: Work, file: SegmentFileInfo, fd: number): void {
  const { disk } = work;
  const source = openSource(disk, fd, file);
  const survey = surveySegment(source);
  work.records += survey.records;
  work.tailRecords += survey.tailRecords;
  for (const damage of survey.damaged) quarantine(work, source, { segment: file.segment, ...damage });
  if (survey.provenBytes < disk.size(fd)) disk.truncate(fd, survey.provenBytes);
  try {
    writeAll(disk, fd, closingLines(survey));
  } catch (error) {
    disk.truncate(fd, survey.provenBytes);
    throw error;
  }
}

/** An integrity line for the proven tail, if there is one, and the end line. */
function closingLines(survey: Survey): Buffer {
  const tail = survey.tail;
  let { groups, chain } = survey;
  let text = '';
  if (tail.length > 0) {
    text = `${encodeIntegrity({ sum: crc32(tail), bytes: tail.length, records: survey.tailRecords })}\n`;
    chain = crc32(Buffer.from(text), chain);
    groups += 1;
  }
  const end = { groups, bytes: survey.provenBytes + text.length, records: survey.records, chain };
  return Buffer.from(`${text}${encodeIntegrity({ sum: 0, bytes: 0, records: 0, end })}\n`);
}

function quarantineStaged(work: Work, { segment, offset, lines }: Staged): void {
  const damage: Damage = { segment, from: offset, to: offset + lines.length, reason: 'unproven' };
  keepAside(work, damage, () => lines);
}

function quarantine(work: Work, source: ByteSource, damage: Damage): void {
  const { from, to } = damage;
  keepAside(work, damage, () => source.stored?.(from, to) ?? source.read(from, to));
}

function keepAside(work: Work, damage: Damage, read: () => Uint8Array): void {
  const { disk } = work;
  const directory = join(work.directory, QUARANTINE_DIRECTORY);
  const path = join(directory, quarantineFile(damage));
  work.damaged.push({ ...damage, quarantine: path });
  if (disk.stat(path) !== undefined) return;
  if (disk.makeDirectory(directory) !== undefined) disk.syncDirectoryNow(work.directory);
  writeFileDurably(disk, path, read());
}
