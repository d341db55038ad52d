import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SYSLOG_FRAME_BYTES_MAX } from './limits.js';
import { createFrameReader } from './syslog-framing.js';

function read(...chunks: (string | Buffer)[]) {
  const reader = createFrameReader();
  const results = chunks.map((chunk) => reader.push(Buffer.from(chunk)));
  const frames = [...results.flatMap((result) => result.frames), ...reader.end()];
  return { texts: frames.map(({ text }) => text), frames, broken: results.some((result) => result.broken) };
}

test('lines and counted messages mix', () => {
  expect(read('<1>a\n5 <2>b\n<3>c\r\n', '4 <4>d', '<5>last').texts).toEqual([
    '<1>a',
    '<2>b',
    '<3>c',
    '<4>d',
    '<5>last',
  ]);
});

test('the cut between chunks changes nothing', () => {
  const whole = Buffer.from('<1>로그 하나\n14 <2>둘\n inside<3>c\n');
  const expected = ['<1>로그 하나', '<2>둘\n inside', '<3>c'];
  fc.assert(
    fc.property(fc.array(fc.nat(whole.length), { maxLength: 6 }), (places) => {
      const cuts = [0, ...places.sort((a, b) => a - b), whole.length];
      const chunks = cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
      expect(read(...chunks).texts).toEqual(expected);
    }),
  );
});

test('a line that is too long is kept up to the limit, with the size of the rest', () => {
  const line = `<1>${'x'.repeat(SYSLOG_FRAME_BYTES_MAX)}`;
  for (const chunks of [
    [`${line}\n<2>next\n`],
    [line, 'yy', '\n<2>next\n'],
    [line.slice(0, -1), 'xyy\n<2>next\n'],
  ]) {
    const { frames } = read(...chunks);
    expect(frames.map(({ text }) => text.length)).toEqual([SYSLOG_FRAME_BYTES_MAX, 7]);
    expect(frames[0]?.cutBytes).toBe(chunks.join('').indexOf('\n') - SYSLOG_FRAME_BYTES_MAX);
  }
});

test.each(['9999999 x', '12345678', '12a x', '99999999999 '])('the count %j cannot be followed', (text) => {
  expect(read(text)).toMatchObject({ texts: expect.any(Array), broken: true });
});
