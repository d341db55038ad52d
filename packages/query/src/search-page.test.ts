/** The users' pages of the language (docs/reference/search.md and .ko.md) are executed: what they say is so. */
import { readFileSync } from 'node:fs';
import { parseHeader, parseRecord } from '@sillok/record';
import { afterAll, describe, expect, test } from 'vitest';
import { TestEngine } from './fixtures/engine.js';
import { compileMatcher, compileSearch, compileStats, parseQuery, type Query, type Row } from './index.js';

const engine = new TestEngine();
afterAll(() => engine.close());

const NOW_NS = BigInt(Date.UTC(2026, 10, 22)) * 1_000_000n;

const read = (name: string): string =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8');

/** Contents of fenced blocks of one language. */
function blocks(page: string, language: string): string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)\\n\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}

/** Rows of tables that begin with a search, as cells without their code marks. */
function tableRows(page: string, cells: number): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
    .filter((row) => row.length === cells)
    .map(([search = '', ...rest]) => [search.slice(1, -1), ...rest]);
}

function rowsOf(page: string): Row[] {
  const [header = '', ...lines] = (blocks(page, 'ndjson')[0] ?? '').split('\n');
  const parsed = parseHeader(header);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { producer, boot, resource } = parsed.header;
  const context = {
    project: 'shop',
    producer,
    boot,
    resource,
    observed_time: '2026-11-22T00:00:01.000000000Z',
  };
  return lines.map((line) => {
    const record = parseRecord(line, { encoding: 'nested', dots: 'namespace' });
    if (!record.ok) throw new Error(record.reason);
    return { record: record.record, context };
  });
}

function queryOf(text: string): Query {
  const parsed = parseQuery(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.query;
}

const english = read('search.md');
const rows = rowsOf(english);
engine.createTable('records');
engine.insert('records', rows);
const options = { project: 'shop', order: 'asc', nowNs: NOW_NS } as const;

describe.each([
  ['search.md', english],
  ['search.ko.md', read('search.ko.md')],
])('%s', (_name, page) => {
  const examples = tableRows(page, 3).filter(([, finds = '']) => /^(\d|none|없음)/.test(finds));

  test('has examples, over the same records as the English page', () => {
    expect(examples.length).toBeGreaterThan(60);
    expect(rowsOf(page)).toEqual(rows);
  });

  test.each(examples)('%s finds %s', (search, finds = '') => {
    const expected = finds.match(/\d+/g)?.map(Number) ?? [];
    const query = queryOf(search);
    const { sql, params } = compileSearch(query, options);
    const seqs = engine.select(`SELECT seq FROM (${sql})`, params).rows.map((row) => Number(row[0]));
    expect(seqs).toEqual(expected);
    const matched = rows.filter(compileMatcher(query, { nowNs: NOW_NS })).map((row) => row.record.seq);
    expect(matched).toEqual(expected);
  });

  const tables = blocks(page, 'search').map((search, index) => [search, blocks(page, 'rows')[index] ?? '']);
  test.each(tables)('%s counts what the page says', (search = '', expected = '') => {
    const statement = compileStats(queryOf(search), options);
    if (!statement) throw new Error('the example has no stats');
    const { rows: found } = engine.select(statement.sql, statement.params);
    expect(found).toEqual(expected.split('\n').map((line): unknown => JSON.parse(line)));
  });

  const mistakes = tableRows(page, 4);
  test.each(mistakes)('%s is wrong at %s', (search, place = '', ...said) => {
    const [from, to] = place.split(', ').map(Number);
    const [message, help] = said;
    const parsed = parseQuery(search);
    expect(parsed).toMatchObject({ ok: false, errors: [{ from, to, message, help }] });
  });
});
