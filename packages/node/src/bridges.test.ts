/** Unmodified pino and winston applications, and the console, as records. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecord, type FlatRecord } from '@sillok/record';
import { findSpools } from '@sillok/shipper';
import { nodeDisk, readGroups, SPOOL_START } from '@sillok/spool';
import { pino } from 'pino';
import winston from 'winston';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { captureConsole } from './console.js';
import { setContext, withTrace } from './scope.js';
import { sillokPino } from './pino.js';
import { createTestLog } from './test.js';
import { sillokWinston } from './winston.js';

let spoolDirectory = '';

beforeEach(() => {
  spoolDirectory = mkdtempSync(join(tmpdir(), 'sillok-bridges-'));
});
afterEach(() => rmSync(spoolDirectory, { recursive: true, force: true }));

const quiet = { stdout: 'none', heartbeatMs: 0, captureFatal: false, captureWarnings: false } as const;

/** What is in the file at this moment, without any waiting. */
function recordsNow(): FlatRecord[] {
  return findSpools(nodeDisk, spoolDirectory).flatMap(readSpool);
}

function readSpool(directory: string): FlatRecord[] {
  const records: FlatRecord[] = [];
  for (const { lines } of readGroups({ directory, from: SPOOL_START })) {
    for (const line of Buffer.from(lines).toString('utf8').split('\n')) {
      if (line.startsWith('{"seq":')) records.push(decodeRecord(line));
    }
  }
  return records;
}

test('pino: levels, children, errors and serializers of the application arrive, with our context', async () => {
  const destination = sillokPino({ ...quiet, service: 'pino-app', spoolDirectory, level: 'silent' });
  const log = pino({ level: 'debug', redact: ['card'] }, destination);
  withTrace({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () => {
    setContext({ order_id: 7 });
    log.child({ module: 'cart' }).info({ items: 3, card: 'x', password: 'hunter2' }, 'added %s', 'book');
  });
  const error = Object.assign(new TypeError('broken'), { code: 'E_PAY' });
  log.error(error, 'could not pay');
  log.trace('off');
  const records = recordsNow();
  expect(records).toMatchObject([
    {
      seq: 1,
      kind: 'log',
      level: 'info',
      message: 'added book',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      attributes: { module: 'cart', items: 3, card: '[Redacted]', order_id: 7 },
    },
    {
      level: 'error',
      message: 'could not pay',
      'exception.type': 'TypeError',
      'exception.message': 'broken',
      'exception.stacktrace': expect.stringContaining('TypeError: broken'),
      attributes: { 'err.code': 'E_PAY' },
    },
  ]);
  expect(JSON.stringify(records)).not.toContain('hunter2');
  // pid and hostname stand in the header of the spool already.
  expect(records[0]?.attributes).not.toHaveProperty('pid');
  const token: unknown = JSON.parse(Buffer.from(await destination.flush(), 'base64url').toString());
  expect(token).toMatchObject({ seq: 2 });
  destination.end();
});

test('pino: a line that is no JSON and levels of the application are kept', () => {
  const destination = sillokPino({ ...quiet, service: 'pino-odd', spoolDirectory });
  const log = pino({ customLevels: { notice: 35 } }, destination);
  log.notice('between info and warn');
  destination.write('plain text from a formatter\n');
  destination.write('[1,2]\n');
  expect(recordsNow().map(({ level, message }) => [level, message])).toEqual([
    ['info', 'between info and warn'],
    ['info', 'plain text from a formatter'],
    ['info', '[1,2]'],
  ]);
  destination.end();
});

test('winston: levels, metadata, errors and children arrive when the call returns, with our context', async () => {
  const transport = sillokWinston({ ...quiet, service: 'winston-app', spoolDirectory });
  const format = winston.format.combine(winston.format.errors({ stack: true }), winston.format.timestamp());
  const log = winston.createLogger({ level: 'debug', format, transports: [transport] });
  withTrace({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' }, () => {
    log.child({ module: 'cart' }).info('added', { items: 3 });
  });
  log.error(new TypeError('broken'));
  log.silly('off');
  log.http('a level of npm');
  const records = recordsNow();
  expect(records).toMatchObject([
    {
      level: 'info',
      message: 'added',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      attributes: { module: 'cart', items: 3 },
    },
    {
      level: 'error',
      message: 'broken',
      'exception.stacktrace': expect.stringContaining('TypeError: broken'),
    },
    { level: 'info', message: 'a level of npm' },
  ]);
  expect(records[0]?.attributes).not.toHaveProperty('timestamp');
  await transport.runtime.close('test');
});

test('console: every method becomes a record, is printed as before, and can be restored', () => {
  const { log, records } = createTestLog();
  const printed: unknown[][] = [];
  const original = console.warn;
  console.warn = (...values) => void printed.push(values);
  const restore = captureConsole(log, { print: true });
  console.warn('%s is low: %d', 'stock', 3, { item: 7 });
  console.error = console.error.bind(console);
  restore();
  console.warn('not recorded');
  console.warn = original;
  expect(records()).toMatchObject([{ level: 'warn', message: 'stock is low: 3 { item: 7 }' }]);
  expect(printed).toEqual([['%s is low: %d', 'stock', 3, { item: 7 }], ['not recorded']]);
});

test('console: an error among the arguments gives the record its exception; writing from within does not loop', () => {
  const { log, records } = createTestLog();
  const restore = captureConsole(log, { print: false });
  const noisy = {
    get [Symbol.toStringTag]() {
      console.log('from within');
      return 'Noisy';
    },
  };
  console.error('failed', new RangeError('too far'), noisy);
  restore();
  expect(records()).toMatchObject([
    {
      level: 'error',
      attributes: { exception: { type: 'RangeError', message: 'too far' }, sillok: { origin: 'console' } },
    },
  ]);
});
