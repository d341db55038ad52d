/** The team's rule file in the service, on the lines that are written. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyRules, decodeRecord, parseRules } from '@sillok/record';
import { afterAll, expect, test, vi } from 'vitest';
import { listening } from './http/framework.case.js';
import { sillokHttp } from './http.js';
import type { SillokOptions } from './options.js';
import { createTestLog, type TestLog } from './test.js';

const folder = mkdtempSync(join(tmpdir(), 'sillok-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const RULES = `
# the shop's names
route  /orders/:id
alias  req.method = http.request.method
unit   elapsed s = duration_ms ms
type   order.id = string
`;

function ruled(text: string, options: SillokOptions = {}): TestLog {
  const path = join(folder, `${Math.random()}.rules`);
  writeFileSync(path, text);
  return createTestLog({ rules: path, ...options });
}

test('names, units, types and routes are the team’s before the first byte is written', async () => {
  const testLog = ruled(RULES);
  const { log } = testLog;
  log.info({ req: { method: 'GET' }, elapsed: 1.5, order: { id: 7 } }, 'read');
  const server = await listening(createServer(sillokHttp((_, response) => response.end(), { log })));
  await (await fetch(`${server.url}/orders/7`)).text();
  await testLog.logged({ kind: 'access', attributes: { http: { route: '/orders/:id' } } });
  await server.close();
  expect(testLog.records()[0]?.attributes).toEqual({
    req: { method: 'GET' },
    http: { request: { method: 'GET' } },
    elapsed: 1.5,
    duration_ms: 1500,
    order: { id: '7' },
    sillok: { original: { order: { id: 7 } } },
  });
});

test('a server that applies the same rules changes nothing', () => {
  const { log, lines } = ruled(RULES);
  log.info({ req: { method: 'GET' }, elapsed: 1.5, order: { id: 7 }, 'url.path': '/orders/7' }, 'read');
  const record = decodeRecord(lines()[0] ?? '');
  const before = structuredClone(record);
  expect(applyRules(parseRules(RULES), record)).toEqual([]);
  expect(record).toEqual(before);
});

test('what does not fit is said in the record, and nothing is forced', () => {
  const { log, assertLogged } = ruled('unit elapsed s = duration_ms ms');
  log.info({ elapsed: 'long' }, 'read');
  expect(assertLogged({ message: 'read' }).attributes).toMatchObject({
    elapsed: 'long',
    sillok: { conflict: { duration_ms: 'elapsed is not a number' } },
  });
});

test('no rule shows a secret or a personal field under another name, and that is said', () => {
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const rules =
    'alias password = note\nalias customer.name = buyer\ntype customer.name = number\nalias a = b';
  const { log, lines } = ruled(rules, { personal: ['customer'] });
  stderr.mockRestore();
  log.info({ password: 'hunter2', customer: { name: 'Kim' }, a: 1 }, 'signed in');
  expect(lines()[0]).not.toMatch(/hunter2|Kim/);
  expect(decodeRecord(lines()[0] ?? '').attributes).toMatchObject({ a: 1, b: 1 });
  expect(said.join('')).toContain('the rule for password is left out');
  expect(said.join('')).toContain('the rule for customer.name is left out');
  expect(said.join('')).toContain('the type of customer.name is left as it is');
});

test('a file that cannot be used is named with its line, and the service logs on', () => {
  const said: string[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const { log, assertLogged } = ruled('route /a\nroutes /b');
  createTestLog({ rules: join(folder, 'nowhere.rules') }).log.info('x');
  stderr.mockRestore();
  log.info({ a: 1 }, 'as before');
  assertLogged({ message: 'as before', attributes: { a: 1 } });
  expect(said.join('')).toMatch(/line 2: unknown rule routes.*written without it/);
  expect(said.join('')).toContain('ENOENT');
});
