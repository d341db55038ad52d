/**
 * How long one record takes in `@sillok/record`, beside `JSON` on the same data in the same run.
 *
 * Run after a build: `node bench/micro/record.mjs`. Each figure is the median of interleaved rounds, in
 * nanoseconds of processor time.
 */
import * as record from '@sillok/record';

const ROUNDS = 9;
const TIME = '2026-11-21T10:00:00.000000001Z';

const TWENTY = {
  userAgent: 'Mozilla/5.0 (X11; Linux x64)',
  route: '/api/orders/:id',
  method: 'POST',
  status: 201,
  durationMs: 12.75,
  orderId: 'ord_8f3a9c017b',
  customer: { tier: 'gold', country: 'KR', since: 2019 },
  amount: 45900,
  currency: 'KRW',
  items: 3,
  coupon: null,
  retried: false,
  region: 'ap-northeast-2',
  pod: 'orders-5d8f7c9b4-x2vqz',
  version: '1.42.0',
  queue: 'orders',
  attempt: 1,
  cache: 'miss',
  note: '주문이 접수되었습니다',
};
const CONTEXT = { 'http.route': '/api/orders/:id', 'http.request.method': 'POST' };
const IDS = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', span_id: '00f067aa0ba902b7' };

const head = { seq: 123456, time: TIME, kind: 'log', level: 'info', message: 'order placed', ...IDS };
const flatRecord = { ...head, ...CONTEXT, attributes: record.flatten(TWENTY) };
const line = record.encodeRecord(flatRecord);
const bytes = Buffer.from(line);
const nestedLine = JSON.stringify({ ...head, attributes: TWENTY });
const spacedLine = JSON.stringify({ ...head, attributes: TWENTY }, null, 1).replaceAll('\n', '');
const clock = record.createClock();
const redactor = record.createRedactor();
let seq = 0;
/** As a caller makes it, anew for each record. */
const newHead = () => ({ ...head, seq: (seq += 1) });
const foreign = { level: 30, time: 1795255200123, pid: 7, hostname: 'h1', msg: 'order placed', ...TWENTY };

const cases = {
  'JSON.stringify, 20 fields (limit)': () => JSON.stringify(TWENTY),
  'JSON.stringify of the line (limit)': () => JSON.stringify(flatRecord),
  'JSON.parse of the line (limit)': () => JSON.parse(line),
  'clock.now': () => clock.now(),
  newTraceId: () => record.newTraceId(),
  'flatten, 20 fields': () => record.flatten(TWENTY),
  'encodeRecord, message only': () => record.encodeRecord(head),
  'encodeRecord, 20 fields': () => record.encodeRecord(flatRecord),
  'encodeInput, message only': () => record.encodeInput(newHead()),
  'encodeInput, 20 fields': () => record.encodeInput(newHead(), TWENTY),
  'redact, clean record': () => redactor.redact(flatRecord),
  decodeRecord: () => record.decodeRecord(line),
  'parseRecord, canonical text': () => record.parseRecord(line, { encoding: 'flat' }),
  'parseRecord, canonical bytes': () => record.parseRecord(bytes, { encoding: 'flat' }),
  'parseRecord, nested': () => record.parseRecord(nestedLine, { encoding: 'nested' }),
  'parseRecord, nested with white space': () => record.parseRecord(spacedLine, { encoding: 'nested' }),
  'normaliseInput, as of pino': () =>
    record.normaliseInput(foreign, { seq: 1, dots: 'namespace', defaultTime: TIME }),
};

/**
 * Keeps results alive, so that no work is optimised away. A line is used as bytes in the end, so it is made
 * flat.
 */
let sink = 0;
function consume(value) {
  if (typeof value === 'string') sink ^= value.charCodeAt(value.length >> 1);
  else sink ^= value.length ?? 1;
}

/** Processor time, garbage collection included: it means the same on a machine that others use, too. */
function nsPerCall(work, calls) {
  const start = process.cpuUsage();
  for (let call = 0; call < calls; call += 1) consume(work());
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / calls;
}

const wanted = process.argv[2] ?? '';
const active = Object.entries(cases).filter(([name, work]) => work && name.includes(wanted));
const results = new Map(active.map(([name]) => [name, []]));
for (const [, work] of active) nsPerCall(work, 30_000);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, work] of active) results.get(name).push(nsPerCall(work, 30_000));
}
console.log(`line: ${bytes.length} bytes; node ${process.version}; sink ${sink & 1}`);
for (const [name, samples] of results) {
  const median = samples.sort((left, right) => left - right)[ROUNDS >> 1];
  console.log(`${median.toFixed(0).padStart(7)} ns  ${name}`);
}
