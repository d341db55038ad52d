/** Whatever is sent to a protocol, the answer is a verdict and never a failure of the server. */
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { compress } from 'snappyjs';
import { afterAll, beforeAll, test } from 'vitest';
import { registerIngestProtocols } from './index.js';
import { encodeOtlp } from './otlp-schema.js';
import { createRecordingAdmission, serveProtocol } from './recording-admission.case.js';

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 150);

let app: FastifyInstance;
beforeAll(async () => {
  app = await serveProtocol(registerIngestProtocols, { admission: createRecordingAdmission() });
});
afterAll(() => app.close());

const json = 'application/json';
const proto = 'application/x-protobuf';

async function expectVerdict(url: string, type: string, payload: Buffer): Promise<void> {
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': type },
  });
  if (![200, 204, 400, 413].includes(statusCode))
    throw new Error(`seed ${seed}: ${url} answers ${statusCode} ${body}`);
}

function check(arbitrary: fc.Arbitrary<Buffer>, targets: readonly (readonly [url: string, type: string])[]) {
  return fc.assert(
    fc.asyncProperty(arbitrary, fc.constantFrom(...targets), (payload, [url, type]) =>
      expectVerdict(url, type, payload),
    ),
    { numRuns, seed },
  );
}

const targets = [
  ['/v1/logs', json],
  ['/v1/traces', json],
  ['/v1/logs', proto],
  ['/v1/traces', proto],
  ['/loki/api/v1/push', json],
  ['/loki/api/v1/push', proto],
  ['/_bulk', 'application/x-ndjson'],
  ['/v1/ndjson', 'application/x-ndjson'],
] as const;

/** Objects with the field names of the protocols, at any place and of any kind. */
const names = fc.constantFrom(
  ...[
    'resourceLogs',
    'resourceSpans',
    'scopeLogs',
    'scopeSpans',
    'logRecords',
    'spans',
    'resource',
    'attributes',
  ],
  ...[
    'key',
    'value',
    'stringValue',
    'intValue',
    'doubleValue',
    'kvlistValue',
    'arrayValue',
    'values',
    'body',
    'events',
  ],
  ...[
    'links',
    'status',
    'timeUnixNano',
    'startTimeUnixNano',
    'endTimeUnixNano',
    'traceId',
    'streams',
    'stream',
  ],
  ...[
    'create',
    'index',
    '_id',
    '@timestamp',
    'time',
    'level',
    'message',
    '__proto__',
    'constructor',
    'a.b',
    '',
  ],
);
const leaf = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.double(),
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('18446744073709551616', '-1', '1e3', '9'.repeat(30), '2299-01-01T00:00:00Z', '\ud800'),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(names, tie('tree'), { maxKeys: 5 }),
  ),
}));

test('random bytes', () =>
  check(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    targets,
  ));

test('random JSON with the names of the protocols', () =>
  check(
    fc
      .array(tree, { minLength: 1, maxLength: 5 })
      .map((trees) => Buffer.from(trees.map((each) => JSON.stringify(each)).join('\n'))),
    targets.filter(([, type]) => type !== proto),
  ));

test('real messages with some bytes changed, in protobuf and snappy', () => {
  const log = {
    timeUnixNano: '1',
    body: { kvlistValue: { values: [{ key: 'k', value: { intValue: '7' } }] } },
  };
  const record = Buffer.from(encodeOtlp('LogRecord', log)).toString('base64');
  const whole = Buffer.from(
    encodeOtlp('LogsRequest', { resourceLogs: [{ scopeLogs: [{ logRecords: [record, record] }] }] }),
  );
  const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
  const changed = fc.array(change, { minLength: 1, maxLength: 6 }).map((changes) => {
    const bytes = Buffer.from(whole);
    for (const [place, byte] of changes) bytes[place] = byte;
    return bytes;
  });
  const packed = changed.map((bytes) => Buffer.from(compress(bytes)));
  return check(
    fc.oneof(changed, packed),
    targets.filter(([, type]) => type === proto),
  );
});
