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
    sync: async () => undefined,
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
