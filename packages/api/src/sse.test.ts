import { expect, test } from 'vitest';
import { createSseParser, type ServerEvent } from './sse.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function parseInPieces(text: string, size: number): ServerEvent[] {
  const parser = createSseParser();
  const all = bytes(text);
  const events: ServerEvent[] = [];
  for (let index = 0; index < all.length; index += size)
    events.push(...parser.push(all.subarray(index, index + size)));
  return events;
}

const STREAM =
  ': hello\r\nretry: 500\r\n\r\nid: log.1.20.0\ndata: {"message":"결제 실패"}\n\nevent: skipped\r\nid: log.1.20.9\r\ndata: {"skipped":9}\r\n\r\nid: log.1.30.0\n\ndata: a\ndata: b\n\n';

test('a stream cut at any byte gives the same events', () => {
  const whole = parseInPieces(STREAM, 1_000);
  expect(whole).toEqual([
    { event: 'message', data: '{"message":"결제 실패"}', id: 'log.1.20.0' },
    { event: 'skipped', data: '{"skipped":9}', id: 'log.1.20.9' },
    { event: 'message', data: 'a\nb', id: 'log.1.30.0' },
  ]);
  for (const size of [1, 2, 3, 5, 7, 11]) expect(parseInPieces(STREAM, size)).toEqual(whole);
});

test('an id without data is not an event but moves the place to resume from', () => {
  const parser = createSseParser('old');
  expect(parser.push(bytes('id: new\n\n'))).toEqual([]);
  expect(parser.lastEventId).toBe('new');
});

test('an endless line ends the stream instead of filling memory', () => {
  const parser = createSseParser();
  const piece = bytes('x'.repeat(1 << 20));
  expect(() => {
    for (let index = 0; index < 100; index += 1) parser.push(piece);
  }).toThrow(RangeError);
});
