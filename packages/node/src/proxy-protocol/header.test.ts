import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROXY_HEADER_BYTES_MAX } from '../limits.js';
import { readProxyHeader, SIGNATURE, TRACE_TLV, type ProxyReading } from './header.js';
import { proxyHeader } from './write.js';

const TRACEPARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const source = { address: '203.0.113.7', port: 5678 };
const destination = { address: '10.0.0.1', port: 443 };
const v6 = {
  source: { address: '2001:db8::7', port: 5678 },
  destination: { address: '::ffff:10.0.0.1', port: 443 },
};

const headers: readonly { readonly name: string; readonly bytes: Buffer; readonly expected: object }[] = [
  {
    name: 'version 2, IPv4, with a trace',
    bytes: proxyHeader({ source, destination, traceparent: TRACEPARENT, asUniqueId: true }),
    expected: {
      version: 2,
      command: 'proxy',
      source,
      destination,
      uniqueId: TRACEPARENT,
      trace: { traceId: 'a'.repeat(32) },
    },
  },
  {
    name: 'version 2, IPv6, without a unique id',
    bytes: proxyHeader({ ...v6, traceparent: TRACEPARENT }),
    expected: {
      version: 2,
      source: v6.source,
      destination: { address: '::ffff:a00:1', port: 443 },
      trace: { parentId: 'b'.repeat(16) },
    },
  },
  {
    name: 'version 2, the proxy itself',
    bytes: proxyHeader({ traceparent: false }),
    expected: { version: 2, command: 'local' },
  },
  {
    name: 'version 1, IPv4',
    bytes: proxyHeader({ version: 1, source, destination }),
    expected: { version: 1, source, destination },
  },
  { name: 'version 1, IPv6', bytes: proxyHeader({ version: 1, ...v6 }), expected: { version: 1, ...v6 } },
  {
    name: 'version 1, unknown',
    bytes: Buffer.from('PROXY UNKNOWN ff::1 ::1 1 2\r\n'),
    expected: { version: 1, command: 'proxy' },
  },
];

test.each(headers)(
  '$name: read whole, and at every byte before that more is wanted',
  ({ bytes, expected }) => {
    expect(readProxyHeader(bytes)).toMatchObject({ state: 'whole', bytes: bytes.length, header: expected });
    const more = Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1\r\n')]);
    expect(readProxyHeader(more)).toMatchObject({ state: 'whole', bytes: bytes.length });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readProxyHeader(bytes.subarray(0, length))).toEqual({ state: 'more' });
    }
  },
);

test.each([
  ['GET / HTTP/1.1', /does not begin/],
  ['PROXX', /does not begin/],
  ['PROXY TCP4 999.0.0.1 10.0.0.1 1 2\r\n', /no two addresses/],
  ['PROXY TCP4 ::1 10.0.0.1 1 2\r\n', /no two addresses/],
  ['PROXY TCP6 10.0.0.1 10.0.0.1 1 2\r\n', /no two addresses/],
  ['PROXY TCP4 10.0.0.1 10.0.0.1 1 65536\r\n', /no two addresses/],
  ['PROXY TCP4 10.0.0.1 10.0.0.1 01 2\r\n', /no two addresses/],
  ['PROXY TCP4 10.0.0.1 10.0.0.1 1 2 3\r\n', /no two addresses/],
  ['PROXY TCP5 10.0.0.1 10.0.0.1 1 2\r\n', /no TCP4/],
  [`PROXY UNKNOWN ${'x'.repeat(100)}\r\n`, /within 107/],
  [`PROXY TCP4 ${'1'.repeat(200)}`, /within 107/],
])('%j is refused', (text, reason) => {
  expect(readProxyHeader(Buffer.from(text))).toEqual({
    state: 'refused',
    reason: expect.stringMatching(reason),
  });
});

function v2(head: readonly number[], body = Buffer.alloc(0)): Buffer {
  return Buffer.concat([SIGNATURE, Buffer.from(head), body]);
}

test.each([
  ['another version', v2([0x11]), /version or command/],
  ['another command', v2([0x22]), /version or command/],
  ['another family', v2([0x21, 0x41]), /family/],
  ['too few bytes for its addresses', v2([0x21, 0x11, 0, 4], Buffer.alloc(4)), /shorter than its addresses/],
  ['a length beyond the limit', v2([0x21, 0x11, 0xff, 0xff]), new RegExp(String(PROXY_HEADER_BYTES_MAX))],
  [
    'a value longer than the header',
    v2([0x21, 0x11, 0, 15], Buffer.from(`${'\0'.repeat(12)}\xe1\0\x09`, 'latin1')),
    /longer than/,
  ],
  ['half a value', v2([0x21, 0x11, 0, 14], Buffer.alloc(14)), /longer than/],
  ['a wrong checksum', v2([0x21, 0x00, 0, 7], Buffer.from([3, 0, 4, 1, 2, 3, 4])), /checksum/],
])('version 2 with %s is refused', (_name, bytes, reason) => {
  expect(readProxyHeader(bytes)).toEqual({ state: 'refused', reason: expect.stringMatching(reason) });
});

test('a trace that is none is no reason to refuse a connection', () => {
  const bytes = proxyHeader({ source, destination, traceparent: 'rubbish', asUniqueId: true });
  const reading = readProxyHeader(bytes);
  expect(reading).toMatchObject({ state: 'whole', header: { uniqueId: 'rubbish' } });
  expect(reading.state === 'whole' && reading.header.trace).toBe(undefined);
  expect(reading.state === 'whole' && reading.header.tlvs.get(TRACE_TLV)?.toString()).toBe('rubbish');
});

test('every header that is written is read back', () => {
  const port = fc.integer({ min: 0, max: 0xffff });
  const pair = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4()),
    fc.tuple(fc.ipV6(), fc.ipV6()).map(([from, to]) => [from, to] as const),
  );
  fc.assert(
    fc.property(pair, fc.tuple(port, port), fc.constantFrom<1 | 2>(1, 2), ([from, to], [a, b], version) => {
      const parts = { source: { address: from, port: a }, destination: { address: to, port: b } };
      const reading = readProxyHeader(proxyHeader({ version, ...parts, traceparent: TRACEPARENT }));
      expect(reading).toMatchObject({
        state: 'whole',
        header: { source: { port: a }, destination: { port: b } },
      });
      const same = (one: string, other: string | undefined): boolean =>
        new URL(`http://${one.includes(':') ? `[${one}]` : one}`).host ===
        new URL(`http://${other?.includes(':') === true ? `[${other}]` : other}`).host;
      if (reading.state === 'whole') {
        expect(
          same(from, reading.header.source?.address) && same(to, reading.header.destination?.address),
        ).toBe(true);
      }
    }),
    { numRuns: 3000 },
  );
});

test('garbage never throws, and a signature or version with a flipped bit is never taken', () => {
  const bytes = proxyHeader({ source, destination, traceparent: TRACEPARENT });
  const read = (given: Buffer): ProxyReading => readProxyHeader(given);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (garbage) => {
      read(Buffer.from(garbage));
      read(Buffer.concat([SIGNATURE, Buffer.from(garbage)]));
      read(Buffer.concat([Buffer.from('PROXY '), Buffer.from(garbage)]));
    }),
    { numRuns: 20_000 },
  );
  for (let bit = 0; bit < 16 * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    const reading = read(flipped);
    // Family, command and length may still make sense; the signature and the version never do.
    if (bit < 13 * 8 - 8) expect(reading.state).not.toBe('whole');
  }
});
