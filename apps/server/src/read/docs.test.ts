/** The examples of docs/reference/api.md and sql.md, executed; and docs/errors, held against the codes. */
import { readFileSync } from 'node:fs';
import { READ_ERRORS } from '@sillok/api';
import { parseRecord } from '@sillok/record';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from './server.fixture.js';

const page = (name: string): string =>
  readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');

/** Fenced blocks whose first line is the given one. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].flatMap(([, info, body]) =>
    info === language ? [(body ?? '').trim()] : [],
  );
}

let test1: TestServer;
beforeAll(async () => {
  test1 = await startTestServer();
  await test1.client.postRecords(flatBatch(blocks(page('reference/search.md'), 'ndjson')[0] ?? ''));
  const after = Buffer.from('{"project":"default","producer":"orders-7f","boot":"b1","seq":10}').toString(
    'base64url',
  );
  await test1.client.search({ after, limit: 1 });
});
afterAll(() => test1.stop());

/** The records of the page as an SDK sends them: dotted keys are paths. */
function flatBatch(text: string): string {
  const [header = '', ...lines] = text.split('\n');
  const flat = lines.map((line) => {
    const parsed = parseRecord(line, { encoding: 'nested', dots: 'namespace' });
    return parsed.ok ? parsed.line : line;
  });
  return [JSON.stringify({ ...JSON.parse(header), encoding: 'flat' }), ...flat, ''].join('\n');
}

/** `"…"` stands for anything. */
function pattern(value: unknown): unknown {
  if (value === '…') return expect.anything();
  if (Array.isArray(value)) return value.map((each) => pattern(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, pattern(each)]));
}

describe('the reference of the API', () => {
  const examples = blocks(page('reference/api.md'), 'http').map((block) => ({
    call: block.split('\n→ ')[0] ?? '',
    block,
  }));

  test('has examples', () => {
    expect(examples.length).toBeGreaterThan(12);
  });

  test.each(examples)('$call', async ({ block }) => {
    const [asked = '', answered = ''] = block.split('\n→ ');
    const [line = '', ...body] = asked.split('\n');
    const [method = '', path = ''] = line.split(/ (.*)/s);
    const status = Number(answered.slice(0, 3));
    const response = await fetch(test1.server.url + encodeURI(path), {
      method,
      headers: { authorization: `Bearer ${test1.server.devKey}`, 'content-type': 'application/json' },
      ...(body.length === 0 ? {} : { body: body.join('\n') }),
    });
    const text = await response.text();
    expect(`${response.status} ${text}`.slice(0, 3)).toBe(String(status));
    const expected: unknown = JSON.parse(answered.slice(4));
    if (typeof expected === 'string') expect(text).toBe(expected);
    else if (path.startsWith('/api/fields?')) expectSome(JSON.parse(text), expected);
    else expect(JSON.parse(text)).toMatchObject(Object(pattern(expected)));
  });

  /** The list of fields is long: the example shows a part of it. */
  function expectSome(answer: { fields?: unknown; sampled?: unknown }, expected: unknown): void {
    const { fields, sampled } = Object(expected);
    expect(answer.fields).toEqual(expect.arrayContaining(fields));
    expect(answer.sampled).toBe(sampled);
  }
});

describe('the reference of SQL', () => {
  test.each(blocks(page('reference/sql.md'), 'sql'))('%s', async (block) => {
    const rows = /^-- → (.*)$/m.exec(block)?.[1] ?? '';
    const params = /^-- params (.*)$/m.exec(block)?.[1] ?? '{}';
    const answer = await test1.client.sql({ query: block, params: JSON.parse(params) });
    expect(answer.rows).toEqual(JSON.parse(rows));
  });

  test.each(blocks(page('reference/sql.md'), 'sql refused'))('refused: %s', async (query) => {
    await expect(test1.client.sql({ query })).rejects.toMatchObject({ code: 'sql_refused' });
  });
});

test('every code of the reading side has its heading, with its status, and no other has', () => {
  const headings = [...page('errors/README.md').matchAll(/^### ([a-z_]+)\n\n(\d+)\./gm)];
  const documented = Object.fromEntries(headings.map(([, code, status]) => [code, Number(status)]));
  const codes = Object.fromEntries(Object.entries(READ_ERRORS).map(([code, { status }]) => [code, status]));
  expect(documented).toEqual(codes);
});

test('every code of the server stands on the page', () => {
  const source = readFileSync(new URL('../errors.ts', import.meta.url), 'utf8');
  const codes = [...source.matchAll(/code: '([a-z_]+)'/g)].map(([, code]) => code);
  const text = page('errors/README.md');
  expect(codes.filter((code) => !text.includes(`\`${code}\``) && !text.includes(`### ${code}`))).toEqual([]);
});
