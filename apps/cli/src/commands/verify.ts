/** `sillok verify`: are spool folders as they were written? Reads only. */
import { listSegments, nodeDisk, readGroups } from '@sillok/spool';
import { findSpools } from '@sillok/shipper';
import type { Command } from 'commander';
import { addJsonOption, outputOf } from '../common.js';
import type { Output } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { bytesText, countText, plural } from '../terminal/amounts.js';
import { safeLine } from '../terminal/safe-text.js';

interface FolderVerdict {
  readonly folder: string;
  readonly segments: number;
  readonly bytes: number;
  /** Lines that a checksum proves: records and headers. */
  readonly proven_lines: number;
  /** Written behind the last checksum: a writer is alive or died; nothing proves them yet. */
  readonly unproven_lines: number;
  readonly damage: readonly { segment: number; from: number; to: number; reason: string }[];
}

export function addVerify(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('verify')
    .description("check the checksums of spool folders and of the server's queue")
    .argument('<folder...>', 'spool folders, or folders that hold some');
  addJsonOption(command).action((folders: string[], options: { json?: boolean }) =>
    finish(() => verify(folders, options, io)),
  );
}

async function verify(roots: readonly string[], options: { json?: boolean }, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const folders = roots.flatMap((root) => findSpools(nodeDisk, root));
  if (folders.length === 0)
    throw usageError('no spool segments there', 'A spool folder holds segment-0000000001.ndjson.');
  const verdicts = folders.map(verifyFolder);
  const damaged = verdicts.reduce((sum, { damage }) => sum + damage.length, 0);
  output.data({ damaged, folders: verdicts });
  for (const verdict of verdicts) show(verdict, output);
  return damaged > 0 ? EXIT.partly : EXIT.ok;
}

function verifyFolder(folder: string): FolderVerdict {
  const segments = listSegments({ directory: folder });
  const damage: FolderVerdict['damage'][number][] = [];
  let proven = 0;
  let unproven = 0;
  for (const { lines, verified } of readGroups({ directory: folder, onDamage: (one) => damage.push(one) })) {
    const count = countLines(lines);
    if (verified) proven += count;
    else unproven += count;
  }
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return { folder, segments: segments.length, bytes, proven_lines: proven, unproven_lines: unproven, damage };
}

function countLines(lines: Uint8Array): number {
  let count = 0;
  for (const byte of lines) if (byte === 0x0a) count += 1;
  return count;
}

function show(verdict: FolderVerdict, output: Output): void {
  const { folder, segments, bytes, proven_lines: proven, unproven_lines: unproven, damage } = verdict;
  const { colours } = output;
  const mark = damage.length > 0 ? colours.bad('✗') : colours.good('✓');
  const tail = unproven > 0 ? `, ${countText(unproven)} at the end not proven yet` : '';
  output.text(
    `${mark} ${safeLine(folder)}  ${plural(segments, 'segment')}, ${bytesText(bytes)}, ${countText(proven)} lines proven${tail}`,
  );
  for (const { segment, from, to, reason } of damage) {
    output.text(`    ${colours.bad(`segment ${segment}, bytes ${from} to ${to}: ${safeLine(reason)}`)}`);
  }
}
