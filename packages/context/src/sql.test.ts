import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSqlComment, withSqlComment } from './sql-comment.js';
import { sqlErrorWithoutValues, sqlWithoutLiterals, summariseSql } from './sql-text.js';

const PARENT = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  parentId: 'b7ad6b7169203331',
  sampled: true,
  random: false,
};
const COMMENT = `/*traceparent='00-${PARENT.traceId}-${PARENT.parentId}-01'*/`;

test.each([
  ['SELECT 1', `SELECT 1 ${COMMENT}`],
  ['SELECT 1 ;\n', `SELECT 1 ${COMMENT} ;\n`],
  ['SELECT 1 -- all of them', `SELECT 1 -- all of them\n${COMMENT}`],
  ['-- first\nSELECT 1', `-- first\nSELECT 1 ${COMMENT}`],
  ['', ''],
  [' ; ', ' ; '],
])('a comment goes to the end of %j', (sql, expected) => {
  const commented = withSqlComment(sql, PARENT);
  expect(commented).toBe(expected);
  if (sql.trim().length > 1) expect(readSqlComment(commented)).toMatchObject({ traceId: PARENT.traceId });
});

test('a statement that has a comment keeps it, and other keys in it do no harm', () => {
  const given = `SELECT 1 /*action='%2Fpay',traceparent='00-${PARENT.traceId}-${PARENT.parentId}-01',x='y'*/`;
  expect(withSqlComment(given, { ...PARENT, parentId: 'a'.repeat(16) })).toBe(given);
  expect(readSqlComment(given)).toMatchObject({ traceId: PARENT.traceId, parentId: PARENT.parentId });
});

test('what a stranger typed into a text is not taken for a comment', () => {
  const forged = `SELECT '/*traceparent=''00-${'f'.repeat(32)}-${'f'.repeat(16)}-01''*/'`;
  expect(readSqlComment(forged)).toBeUndefined();
  const inside = `SELECT $$ /*traceparent='00-${'f'.repeat(32)}-${'f'.repeat(16)}-01'*/ $$`;
  expect(readSqlComment(`${inside} ${COMMENT}`)).toMatchObject({ traceId: PARENT.traceId });
  expect(readSqlComment(inside)).toBeUndefined();
  expect(readSqlComment('SELECT 1')).toBeUndefined();
});

test.each([
  [
    `SELECT * FROM users WHERE email = 'kim@example.com' AND age > 20`,
    'SELECT * FROM users WHERE email = ? AND age > ?',
  ],
  [`SELECT 'it''s', E'a\\'b', U&'d', x'ff'`, 'SELECT ?, ?, ?, ?'],
  [`SELECT $1, $2::int4 FROM t1 WHERE a1.b2 = 3`, 'SELECT $1, $2::int4 FROM t1 WHERE a1.b2 = ?'],
  [`SELECT $tag$ it's $$ here $tag$, $$x$$`, 'SELECT ?, ?'],
  [
    `SELECT "o'clock", 1.5e-3, .5, 0xff -- a note 'x'\n/* and 'more' */ FROM "T 1"`,
    `SELECT "o'clock", ?, ?, ? FROM "T 1"`,
  ],
  [`SELECT * FROM t WHERE id IN (1, 2,\n 3) ${COMMENT}`, 'SELECT * FROM t WHERE id IN (?)'],
  [`SELECT 'torn`, 'SELECT ?'],
  [`SELECT /* torn`, 'SELECT'],
  [`SELECT $x$ torn 'secret'`, 'SELECT ?'],
])('%j without literals', (sql, expected) => {
  expect(sqlWithoutLiterals(sql)).toBe(expected);
});

test.each([
  [`SELECT 'a\\'b', "secret", \`o'clock\` # 'note'\n, _utf8mb4'x', 7`, "SELECT ?, ?, `o'clock` , ?, ?"],
  [`INSERT INTO t VALUES ('x\\\\', 'y')`, 'INSERT INTO t VALUES (?, ?)'],
])('%j of MySQL without literals', (sql, expected) => {
  expect(sqlWithoutLiterals(sql, { mysql: true })).toBe(expected);
});

test('a secret in any literal is gone, whatever stands around it', () => {
  const part = fc.constantFrom(
    'SELECT ',
    ' FROM t ',
    ' -- x\n',
    ' /* x */ ',
    ', ',
    ' = ',
    '"name"',
    ' $1 ',
    '1 ',
    '\n',
  );
  const literal = fc.constantFrom(
    `'SECRET'`,
    `'it''s SECRET'`,
    `E'\\'SECRET'`,
    `$$SECRET$$`,
    `$a$ ' SECRET $a$`,
    `/* SECRET */`,
    `-- SECRET\n`,
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, literal), { maxLength: 12 }), (parts) => {
      expect(sqlWithoutLiterals(parts.join(' '))).not.toContain('SECRET');
    }),
    { numRuns: 2000 },
  );
});

test('any text is taken, and a long one costs its length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.boolean(), (text, mysql) => {
      expect(typeof sqlWithoutLiterals(text, { mysql })).toBe('string');
      readSqlComment(text);
    }),
    { numRuns: 5000 },
  );
  for (const unit of [
    `'`,
    `''`,
    `$`,
    `$$`,
    `/*`,
    `*/`,
    `--`,
    `"`,
    `\\`,
    `1`,
    `.`,
    `e'`,
    `IN (?,`,
    ' ',
    `/*traceparent='`,
  ]) {
    const text = unit.repeat(200_000);
    sqlWithoutLiterals(text);
    sqlWithoutLiterals(text, { mysql: true });
    readSqlComment(text);
    withSqlComment(text, PARENT);
  }
});

test.each([
  ['SELECT * FROM "public"."orders" o JOIN x', 'SELECT', 'public.orders'],
  ['insert into orders (a) values (?)', 'INSERT', 'orders'],
  ['UPDATE ONLY stock SET n = ?', 'UPDATE', 'stock'],
  ['begin', 'BEGIN', undefined],
  ['', undefined, undefined],
])('%j is summarised', (sql, operation, target) => {
  expect(summariseSql(sql)).toEqual({ operation, target });
});

test.each([
  [
    'duplicate key value violates unique constraint "users_email"',
    'duplicate key value violates unique constraint "users_email"',
  ],
  ['Key (email)=(kim@example.com) already exists.', 'Key (email)=(?) already exists.'],
  [
    'Key (a, b)=(1, (x)) is still referenced from table "t".',
    'Key (a, b)=(?) is still referenced from table "t".',
  ],
  ['invalid input syntax for type integer: "abc"', 'invalid input syntax for type integer: "?"'],
  ['value "99999999999" is out of range for type integer', 'value "?" is out of range for type integer'],
  ['null value in column "email" violates not-null', 'null value in column "email" violates not-null'],
  ['Failing row contains (7, kim@example.com, null).', 'Failing row contains (?).'],
])('%j without values', (message, expected) => {
  expect(sqlErrorWithoutValues(message)).toBe(expected);
});

test('an error of MySQL without values keeps the names of keys and columns', () => {
  const of = (message: string): string => sqlErrorWithoutValues(message, { mysql: true });
  expect(of(`Duplicate entry 'kim@example.com' for key 'users.email'`)).toBe(
    `Duplicate entry '?' for key 'users.email'`,
  );
  expect(of(`Incorrect integer value: 'abc' for column 'n' at row 1`)).toBe(
    `Incorrect integer value: '?' for column 'n' at row 1`,
  );
});
