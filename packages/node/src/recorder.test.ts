import { decodeRecord } from '@sillok/record';
import { SpoolError } from '@sillok/spool';
import { expect, test } from 'vitest';
import { Recorder, type Sink } from './recorder.js';

/** Takes lines while `isFull` is false. */
function fillableSink(): Sink & { lines: string[]; isFull: boolean } {
  const sink = {
    lines: [] as string[], // filled below
    isFull: false,
    append: (line: string): void => {
      if (sink.isFull) throw new SpoolError('spool_quota', 'full', { help: '' });
      sink.lines.push(line);
    },
    isDear: true,
    appendAll: (lines: readonly string[]): void => {
      if (sink.isFull) throw new SpoolError('spool_disk_full', 'full', { help: '' });
      sink.lines.push(...lines);
    },
    sync: async () => undefined,
    confirm: async () => undefined,
    syncNow: () => undefined,
    close: async () => undefined,
  };
  return sink;
}

const REST = '"kind":"log","level":"info","message":"x"}';

test('records given up use their numbers, and one record names the range and the reason', () => {
  const sink = fillableSink();
  const recorder = new Recorder({ sink, producer: 'p', boot: 'b', resource: {} });
  expect(recorder.write(REST)).toBe(true);
  sink.isFull = true;
  for (let count = 0; count < 5; count += 1) expect(recorder.write(REST)).toBe(false);
  sink.isFull = false;
  expect(recorder.write(REST)).toBe(true);
  const records = sink.lines.map(decodeRecord);
  expect(records.map(({ seq }) => seq)).toEqual([1, 7, 8]);
  expect(records[1]).toMatchObject({
    kind: 'event',
    level: 'warn',
    'event.name': 'sillok.dropped',
    attributes: { 'sillok.dropped.from': 2, 'sillok.dropped.to': 6, 'sillok.dropped.reason': 'spool_quota' },
  });
  expect(recorder.dropped).toBe(5);
  expect(recorder.seq).toBe(8);
});

test('time rises strictly from record to record', () => {
  const sink = fillableSink();
  const recorder = new Recorder({ sink, producer: 'p', boot: 'b', resource: {} });
  for (let count = 0; count < 1000; count += 1) recorder.write(REST);
  const times = sink.lines.map((line) => decodeRecord(line).time);
  expect(times).toEqual([...new Set(times)].sort());
});

test('records that wait for the end of the turn stand before any record written after them', async () => {
  const sink = fillableSink();
  const recorder = new Recorder({ sink, producer: 'p', boot: 'b', resource: {} });
  recorder.writeSoon(REST);
  recorder.writeSoon(REST);
  expect(sink.lines).toHaveLength(0);
  recorder.write(REST);
  recorder.writeSoon(REST);
  await new Promise((resolve) => setImmediate(resolve));
  expect(sink.lines.map((line) => decodeRecord(line).seq)).toEqual([1, 2, 3, 4]);
});

test('waiting records that could not be kept are named like all others', () => {
  const sink = fillableSink();
  const recorder = new Recorder({ sink, producer: 'p', boot: 'b', resource: {} });
  recorder.writeSoon(REST);
  recorder.writeSoon(REST);
  sink.isFull = true;
  recorder.write(REST);
  recorder.writeSoon(REST);
  sink.isFull = false;
  recorder.writeSoon(REST);
  const records = sink.lines.map(decodeRecord);
  expect(records.map(({ seq }) => seq)).toEqual([5, 6]);
  expect(records[0]?.attributes).toMatchObject({ 'sillok.dropped.from': 1, 'sillok.dropped.to': 4 });
});
