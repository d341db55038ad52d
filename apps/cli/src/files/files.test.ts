import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { producerOf, serviceOf, stemOf } from '../filenames.js';
import { LINE_BYTES_MAX } from '../limits.js';
import { unwrapLine } from './container-line.js';
import { encodeEntry, readEntry } from './entry-record.js';
import { createFolder } from './fold.js';
import type { Entry } from './fold.js';
import { bootOf } from './identity.js';
import { createLineSplitter } from './lines.js';
import { tryLogfmt } from './logfmt.js';
import { readTimeHead } from './text-time.js';

const UTC = { utc: true, nearMs: Date.parse('2026-11-21T00:00:00Z') };

function entriesOf(text: string): Entry[] {
  const splitter = createLineSplitter({ offset: 0, number: 1 });
  const lines = splitter.push(Buffer.from(text));
  const rest = splitter.rest();
  const folder = createFolder();
  return [...[...lines, ...(rest ? [rest] : [])].flatMap((line) => folder.push(line)), ...folder.flush()];
}

const linesOf = (text: string): string[][] => entriesOf(text).map(({ lines }) => [...lines]);
const fieldsOf = (text: string) => entriesOf(text).map((entry) => readEntry(entry, UTC).fields);

describe('names', () => {
  test('rotation does not change the name of a file', () => {
    const names = [
      'app.log',
      'app.log.1',
      'app.log.12.gz',
      'app.log-20251121',
      'app.log-20251121.gz',
      'app.log.2025-11-21',
      'app.log-2025-11-21-10.gz',
      'app.log-20251121-1763719200.gz',
    ];
    expect(new Set(names.map(stemOf))).toEqual(new Set(['app.log']));
    expect([stemOf('access.log.1'), stemOf('app2.log'), stemOf('.1'), stemOf('2025-11-21.log')]).toEqual([
      'access.log',
      'app2.log',
      '.1',
      '2025-11-21.log',
    ]);
    expect([serviceOf('app.log'), serviceOf('orders.ndjson'), serviceOf('syslog')]).toEqual([
      'app',
      'orders',
      'syslog',
    ]);
    expect(producerOf('주문 app.log')).toMatch(/^file\/주문_app\.log-[0-9a-f]{8}$/);
  });

  test('a file that grows gives its records the same boots', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { minLength: 1, maxLength: 60 }), (texts) => {
        const whole = Buffer.from(`${texts.map((text) => text.replaceAll('\n', ' ')).join('\n')}\n`);
        const starts = [
          0,
          ...[...whole.entries()].filter(([, byte]) => byte === 10).map(([index]) => index + 1),
        ];
        starts.pop();
        const final = starts.map((start) => bootOf(whole.subarray(0, 4096), start));
        for (const [index, start] of starts.entries()) {
          const end = starts[index + 1] ?? whole.length;
          expect(bootOf(whole.subarray(0, Math.min(4096, end)), start)).toBe(final[index]);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('another content gives other boots, from the first difference on', () => {
    const banner = '> app@1.0.0 start\n> node index.js\n\n';
    const [one, two] = ['a', 'b'].map((text) => Buffer.from(banner + `${text} line\n`.repeat(1000)));
    expect(bootOf(one!, 0)).toBe(bootOf(two!, 0));
    expect(bootOf(one!, 128)).not.toBe(bootOf(two!, 128));
    expect(bootOf(one!, 9999)).not.toBe(bootOf(two!, 9999));
  });
});

describe('lines', () => {
  test('places are bytes of the content, wherever the chunks are cut', () => {
    const text = Buffer.from('하나\r\n\ntwo\nthree');
    const expected = [
      ['하나', 0, 8, 1, true],
      ['', 8, 9, 2, true],
      ['two', 9, 13, 3, true],
      ['three', 13, 18, 4, false],
    ];
    for (let size = 1; size <= text.length; size += 1) {
      const splitter = createLineSplitter({ offset: 0, number: 1 });
      const lines = [];
      for (let at = 0; at < text.length; at += size)
        lines.push(...splitter.push(text.subarray(at, at + size)));
      lines.push(splitter.rest()!);
      expect(lines.map((line) => [line.text, line.start, line.end, line.number, line.ended])).toEqual(
        expected,
      );
    }
  });

  test('a line without an end is cut at the limit and says by how much', () => {
    const splitter = createLineSplitter({ offset: 0, number: 1 });
    for (let at = 0; at < 5; at += 1) splitter.push(Buffer.alloc(1024 * 1024, 'x'));
    const [line] = splitter.push(Buffer.from('\n'));
    expect([line!.text.length, line!.cutBytes, line!.end]).toEqual([
      LINE_BYTES_MAX,
      1024 * 1024,
      5 * 1024 * 1024 + 1,
    ]);
  });
});

describe('folding', () => {
  test('a Java stack with its cause belongs to its line', () => {
    const stack =
      'java.lang.IllegalStateException: no stock\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException\n\t... 2 more';
    const text = `2025-11-21 10:00:00,123 ERROR [main] failed\n${stack}\n2025-11-21 10:00:01,000 INFO next\n`;
    expect(linesOf(text)).toEqual([
      ['2025-11-21 10:00:00,123 ERROR [main] failed', ...stack.split('\n')],
      ['2025-11-21 10:00:01,000 INFO next'],
    ]);
    expect(fieldsOf(text)[0]).toMatchObject({
      time: '2025-11-21T10:00:00.123000000Z',
      level: 'ERROR',
      message: 'ERROR [main] failed',
      'exception.type': 'java.lang.IllegalStateException',
      'exception.message': 'no stock',
      'exception.stacktrace': stack,
    });
  });

  test('a Python traceback ends with a line that is not indented', () => {
    const trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: bad';
    expect(linesOf(`ERROR:root:failed\n${trace}\nINFO:root:next\n`)).toEqual([
      ['ERROR:root:failed', ...trace.split('\n')],
      ['INFO:root:next'],
    ]);
    expect(fieldsOf(`failed\n${trace}\n`)[0]).toMatchObject({
      'exception.type': 'ValueError',
      'exception.message': 'bad',
      level: 'error',
    });
  });

  test('a JavaScript error with its stack is one record', () => {
    const text =
      'listening on 3000\nTypeError: x is not a function\n    at y (a.js:1:2)\n    at z {\n  code: 1\n}\nnext\n';
    expect(linesOf(text).map((lines) => lines.length)).toEqual([1, 5, 1]);
    expect(fieldsOf(text)[1]).toMatchObject({
      'exception.type': 'TypeError',
      message: 'TypeError: x is not a function',
    });
  });

  test('JSON lines, logfmt and access lines are never folded', () => {
    const text =
      '{"a":1}\n  {"b":2}\nlevel=info msg=x\nlevel=info msg=y\n127.0.0.1 - - [21/Nov/2025:10:00:00 +0000] "GET / HTTP/1.1" 200 5\n';
    expect(linesOf(text)).toHaveLength(5);
    expect(entriesOf(text).map((entry) => readEntry(entry, UTC).format)).toEqual([
      'json',
      'json',
      'logfmt',
      'logfmt',
      'access',
    ]);
  });

  test('JSON over several lines is one record, and what only looks like JSON is kept as text and named', () => {
    expect(fieldsOf('{\n  "msg": "pretty",\n  "n": 1\n}\n')).toEqual([{ msg: 'pretty', n: 1 }]);
    const [entry] = entriesOf('{"msg":"torn\n');
    expect(readEntry(entry!, UTC)).toMatchObject({
      format: 'text',
      problem: expect.stringContaining('JSON'),
      fields: { message: '{"msg":"torn' },
    });
  });

  test('a file that has grown is cut into the same entries as before', () => {
    const piece = fc.constantFrom(
      'a\n',
      '  b\n',
      '\n',
      '{"x":1}\n',
      'Traceback (most recent call last):\n',
      'E: y\n',
      '2025-11-21 10:00:00 t\n',
      '\tat x\n',
      'level=info msg=m\n',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), fc.nat(25), (pieces, cut) => {
        const before = entriesOf(pieces.slice(0, cut).join(''));
        const after = entriesOf(pieces.join(''));
        // The last one may still go on.
        const settled = before.slice(0, -1).map(({ start, lines }) => [start, lines]);
        expect(after.slice(0, settled.length).map(({ start, lines }) => [start, lines])).toEqual(settled);
      }),
    );
  });
});

describe('containers', () => {
  test('Docker and CRI lines are unwrapped, and their parts joined', () => {
    const docker = (log: string, stream = 'stdout') =>
      `${JSON.stringify({ log, stream, time: '2025-11-21T10:00:00.000000001Z' })}\n`;
    const text = docker('{"msg":"ha') + docker('other\n', 'stderr') + docker('lf"}\n') + docker('plain\n');
    expect(entriesOf(text).map(({ lines, time, stream }) => [lines, time, stream])).toEqual([
      [['other'], '2025-11-21T10:00:00.000000001Z', 'stderr'],
      [['{"msg":"half"}'], '2025-11-21T10:00:00.000000001Z', 'stdout'],
      [['plain'], '2025-11-21T10:00:00.000000001Z', 'stdout'],
    ]);
    const cri =
      '2025-11-21T10:00:00.1Z stdout P one \n2025-11-21T10:00:00.2Z stdout F two\n2025-11-21T10:00:00.3Z stderr F \tat x\n';
    expect(linesOf(cri)).toEqual([['one two'], ['\tat x']]);
    expect(unwrapLine('2025-11-21T10:00:00.1Z stdout F ')).toMatchObject({ text: '', partial: false });
    expect(unwrapLine('{"log":"x"}')).toMatchObject({ text: '{"log":"x"}', stream: '' });
  });
});

describe('formats', () => {
  test.each([
    ['2025-11-21T10:00:00.5Z x', '2025-11-21T10:00:00.500000000Z'],
    ['2025-11-21 10:00:00,123 x', '2025-11-21T10:00:00.123000000Z'],
    ['[2025-11-21 10:00:00 +0900] x', '2025-11-21T01:00:00.000000000Z'],
    ['2025/11/21 10:00:00 [error] x', '2025-11-21T10:00:00.000000000Z'],
    ['ERROR 2025-11-21 10:00:00,1 x', '2025-11-21T10:00:00.100000000Z'],
    ['I, [2025-11-21T10:00:00.123456 #77]  INFO -- : x', '2025-11-21T10:00:00.123456000Z'],
    ['Nov 21 10:00:00 host app: x', '2026-11-21T10:00:00.000000000Z'],
    ['[Fri Nov 21 10:00:00.5 2025] x', '2025-11-21T10:00:00.500000000Z'],
    ['10:00:00.123 [main] x', undefined],
  ])('the time of %j', (line, time) => {
    expect(readTimeHead(line, UTC)).toEqual({
      length: expect.any(Number),
      ...(time === undefined ? {} : { time }),
    });
  });

  test('a time without a zone is local, unless told else', () => {
    const local = new Date(2025, 10, 21, 10, 0, 0).toISOString().slice(0, 19);
    expect(readTimeHead('2025-11-21 10:00:00 x', { ...UTC, utc: false })?.time).toBe(`${local}.000000000Z`);
  });

  test('logfmt keeps texts as texts', () => {
    expect(tryLogfmt('level=info msg="a \\"b\\"\\n" n=7 f=0.5 id=007 ok=true e= 한=x')).toBeUndefined();
    expect({ ...tryLogfmt('level=info msg="a \\"b\\"\\n" n=7 f=0.5 id=007 ok=true e=') }).toEqual({
      level: 'info',
      msg: 'a "b"\n',
      n: 7,
      f: 0.5,
      id: '007',
      ok: true,
      e: '',
    });
    for (const text of ['a=b c=d', 'level=info and more', 'x = y', ''])
      expect([text, tryLogfmt(text)]).toEqual([text, undefined]);
  });

  test('a line of an edge becomes an access record, a broken one a text that says why', () => {
    const line =
      '10.0.0.1 - kim [21/Nov/2025:19:00:00 +0900] "POST /orders?id=7 HTTP/1.1" 502 12 "-" "curl/8" 0.003';
    const broken = line.slice(0, 60);
    const [access, text] = entriesOf(`${line}\n${broken}\n`).map((entry) => readEntry(entry, UTC));
    expect(access).toMatchObject({
      format: 'access',
      fields: {
        time: '2025-11-21T10:00:00.000000000Z',
        kind: 'access',
        'edge.kind': 'nginx',
        duration_ms: 3,
      },
    });
    expect(text).toMatchObject({
      format: 'text',
      problem: 'begins like an access log of nginx and breaks off',
      fields: { message: broken, 'sillok.unparsed': 'begins like an access log of nginx and breaks off' },
    });
  });

  test('a broken line of HAProxy does not draw the good line above it into a stack', () => {
    const good =
      'Nov 21 10:00:00 h haproxy[1]: 203.0.113.7:1 [21/Nov/2025:10:00:00.655] in b/s 1/0/3/6/10 200 27 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"';
    const formats = entriesOf(`${good}\nhalf of a line\n${good}\n`).map(
      (entry) => readEntry(entry, UTC).format,
    );
    expect(formats).toEqual(['access', 'text', 'access']);
  });

  test('fields of CloudFront are those that the head of the file names', () => {
    const text = '#Version: 1.0\n#Fields: date time cs-uri-stem sc-status\n2025-11-21\t10:00:00\t/a\t404\n';
    const read = entriesOf(text).map((entry) => readEntry(entry, { ...UTC, head: () => text }));
    expect(read[read.length - 1]).toMatchObject({
      format: 'access',
      fields: { 'url.path': '/a', level: 'warn' },
    });
  });

  test('levels are found in text, and a word of the sentence is none', () => {
    const level = (text: string) => fieldsOf(text)[0]!['level'];
    expect(
      ['[WARN] x', 'INFO:root:x', '2025-11-21 10:00:00 [error] 1#1: x', 'no ERRORS here', 'the error is'].map(
        level,
      ),
    ).toEqual(['WARN', 'INFO', 'error', undefined, undefined]);
  });
});

test('secrets and personal numbers in a file are hidden before a line is sent', () => {
  const fields = {
    msg: 'card 4111 1111 1111 1111, call 010-1234-5678',
    user: { password: 'hunter2' },
    status: 200,
  };
  const encoded = encodeEntry(fields, { seq: 1, defaultTime: '2026-11-21T10:00:00.000000000Z' });
  expect(JSON.stringify(encoded)).not.toMatch(/4111|1234-5678|hunter2/);
  expect(encoded).toMatchObject({ line: expect.stringContaining('"status":200') });
});
