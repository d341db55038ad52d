import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTraceparent, parseTraceparent } from './traceparent.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

test('a header of the specification is read and written back', () => {
  const parent = parseTraceparent(`00-${TRACE}-${SPAN}-01`);
  expect(parent).toEqual({ traceId: TRACE, parentId: SPAN, sampled: true, random: false });
  expect(parent === undefined ? '' : formatTraceparent(parent)).toBe(`00-${TRACE}-${SPAN}-01`);
});

test.each([
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['a zero trace id', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a zero parent id', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['version ff', `ff-${TRACE}-${SPAN}-01`],
  ['version 00 with more behind it', `00-${TRACE}-${SPAN}-01-what`],
  ['a future version with garbage joined to the flags', `01-${TRACE}-${SPAN}-01what`],
  ['a short trace id', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['two headers joined by a comma', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ['white space inside', `00-${TRACE} -${SPAN}-01`],
  ['a line feed at the end', `00-${TRACE}-${SPAN}-01\n`],
  ['nothing', ''],
])('%s is refused', (_name, header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test('a future version is read by the rules of version 00 and unknown flags are not passed on', () => {
  const parent = parseTraceparent(`cc-${TRACE}-${SPAN}-ff-what-the-future-will-be`);
  expect(parent).toEqual({ traceId: TRACE, parentId: SPAN, sampled: true, random: true });
  expect(parent === undefined ? '' : formatTraceparent(parent)).toBe(`00-${TRACE}-${SPAN}-03`);
});

test('no text makes the parser throw or answer with something it would not read again', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parent = parseTraceparent(text);
      if (parent !== undefined) expect(parseTraceparent(formatTraceparent(parent))).toBeDefined();
    }),
  );
});
