/** The rewriting is a matter of text here; that it means the same is tested on the engine in `guard.test.ts`. */
import { expect, test } from 'vitest';
import { joinTexts, rewriteAttributes } from './rewrite.js';
import { readTokens, UnreadableSqlError } from './tokens.js';

const rewrite = (sql: string, ...misfits: string[]): string =>
  rewriteAttributes(readTokens(sql), new Set(misfits));
const STORED = "toString(sillok_attributes['order.id'])";

test('a plain attribute is looked up in the stored map, and the result keeps its name', () => {
  expect(rewrite("SELECT attributes['order.id'] FROM records")).toBe(
    `SELECT ${STORED} AS \`attributes[\\'order.id\\']\` FROM sillok_records AS records`.replaceAll(
      "\\'",
      "'",
    ),
  );
});

test('a known attribute becomes its column, with the stored map for a value that did not fit', () => {
  const sql = "SELECT 1 FROM records WHERE attributes['http.route'] = '/pay'";
  expect(rewrite(sql)).toBe("SELECT 1 FROM sillok_records AS records WHERE toString(`http.route`) = '/pay'");
  expect(rewrite(sql, 'http.route')).toBe(
    "SELECT 1 FROM sillok_records AS records WHERE if(`http.route` = '', " +
      "toString(sillok_attributes['http.route']), toString(`http.route`)) = '/pay'",
  );
});

test('an alias of the table is kept', () => {
  expect(rewrite("SELECT r.attributes['order.id'] AS o FROM records AS r")).toBe(
    "SELECT toString(r.sillok_attributes['order.id']) AS o FROM sillok_records AS r",
  );
});

test.each([
  "SELECT 'attributes[''order.id'']' FROM records",
  'SELECT attributes FROM records',
  "SELECT m['order.id'] FROM (SELECT attributes AS m FROM records)",
  "SELECT attributes['order.id'] FROM (SELECT attributes FROM records)",
  "SELECT a.attributes['order.id'] FROM records AS a, records AS b",
  "SELECT attributes['order.id'] FROM records ARRAY JOIN [1] AS x",
  "SELECT COLUMNS('a'), attributes['order.id'] FROM records",
  "SELECT map('order.id', '1') AS attributes, attributes['order.id'] FROM records",
  "SELECT arrayMap((attributes -> attributes['order.id']), [map('order.id', '1')]) FROM records",
  'SELECT attributes[message] FROM records',
])('what means something else, or may, stays: %s', (sql) => {
  expect(rewrite(sql)).toBe(joinTexts(readTokens(sql).map(({ text }) => text)));
  expect(rewrite(sql)).not.toContain('sillok_');
});

test('only the SELECT that reads from the view is rewritten', () => {
  const sql =
    "SELECT attributes['a'] FROM t WHERE x IN (SELECT attributes['order.id'] AS o FROM records) UNION ALL SELECT 1";
  expect(rewrite(sql)).toBe(
    `SELECT attributes['a'] FROM t WHERE x IN (SELECT ${STORED} AS o FROM sillok_records AS records) UNION ALL SELECT 1`,
  );
});

test.each([
  'SELECT 1; SELECT 2',
  'SELECT "a"',
  "SELECT 'open",
  'SELECT `open',
  'SELECT {a',
  'SELECT @a',
  'SELECT a # b',
  'SELECT 한',
])('what the formatter never writes is not guessed at: %s', (sql) => {
  expect(() => readTokens(sql)).toThrow(UnreadableSqlError);
});
