/** For the tests of this package and of `test/sim`: folders that vanish, lines that look like records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { SegmentHeader } from '@sillok/record';
import { readGroups, type ReadOptions } from './read.js';

export const HEADER: SegmentHeader = {
  sillok: 1,
  producer: 'orders-1',
  boot: '018f0000-0000-7000-8000-000000000001',
  resource: { 'service.name': 'orders' },
  encoding: 'flat',
};

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-spool-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const lineOf = (seq: number, message = `line ${seq}`): string =>
  JSON.stringify({ seq, time: '2026-11-21T10:00:00.000000001Z', kind: 'log', level: 'info', message });

/** Every record's seq, in reading order. */
export function readSeqs(options: ReadOptions): number[] {
  return [...readGroups(options)].flatMap((group) => seqsOf(group.lines));
}

export function seqsOf(lines: Buffer): number[] {
  const texts = lines.toString('utf8').split('\n').slice(0, -1);
  return texts.filter((text) => text.startsWith('{"seq"')).map((text) => seqOf(JSON.parse(text)));
}

function seqOf(record: unknown): number {
  if (typeof record === 'object' && record !== null && 'seq' in record) return Number(record.seq);
  throw new Error('a line without seq');
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
