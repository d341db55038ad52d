/** Statements of Prisma's whole client on a real PostgreSQL: each carries the place of the request that asked for it. */
import { withTrace } from '@sillok/node';
import { instrumentPg, instrumentPrisma } from '@sillok/node/sql';
import { createTestLog } from '@sillok/node/test';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { generatePrisma, prismaMissing, type GeneratedPrisma, type Prisma } from '../lib/prisma.js';
import { until } from '../lib/server.js';

const { log, records, clear } = createTestLog();
let postgres: Postgres;
let generated: GeneratedPrisma;
/** Of this repository's own `pg`, which is not instrumented here: makes tables, and marks in the server's log. */
let pool: pg.Pool;
let prisma: Prisma;
let application = '';
let count = 0;
const releases: (() => void)[] = [];

const TABLES = `
CREATE TABLE members (id int PRIMARY KEY, email text UNIQUE);
CREATE TABLE orders (
  id text PRIMARY KEY, state text DEFAULT 'placed', audit_id text, member_id int REFERENCES members);
`;

describe.skipIf(postgresMissing !== undefined || prismaMissing !== undefined)('Prisma on PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await startPostgres({ log_min_duration_statement: '0', log_line_prefix: '%a|' });
    generated = await generatePrisma();
    pool = new pg.Pool({ connectionString: postgres.url, max: 1 });
    // A connection that the server ends at its stop.
    pool.on('error', () => undefined);
    await pool.query(TABLES);
  });
  beforeEach(async () => {
    await pool.query('TRUNCATE members, orders');
    await pool.query(
      `INSERT INTO members SELECT n, 'kim' || n || '@example.com' FROM generate_series(1, 40) n`,
    );
    await pool.query(`INSERT INTO orders (id, member_id) SELECT 'o' || n, n FROM generate_series(1, 40) n`);
    clear();
    count += 1;
    application = `shop-${count}`;
    prisma = connect();
  });
  afterEach(async () => {
    await prisma.$disconnect();
    for (const release of releases.splice(0)) release();
  });
  afterAll(async () => {
    await pool?.end();
    await postgres?.stop();
    generated?.dispose();
  });

  function connect(options?: Parameters<GeneratedPrisma['connect']>[1]): Prisma {
    const config = { connectionString: postgres.url, max: 4, application_name: application };
    return generated.connect(config, options);
  }

  function instrument(comments: boolean | { readonly sample: number } = true): void {
    releases.push(instrumentPg(generated.pg, { log, comments }), instrumentPrisma(prisma, { log }));
  }

  /** Every statement of this test’s client, as the server logged it. */
  async function sent(): Promise<string[]> {
    const mark = `end of ${application}`;
    await pool.query(`SELECT '${mark}'`);
    await until('the server has logged the mark', 10_000, async () => postgres.output().includes(mark));
    const own = new RegExp(`^${application}\\|LOG: .* (?:execute [^:]+|statement): (.*)$`, 'gm');
    return [...postgres.output().matchAll(own)].map(([, statement = '']) => statement);
  }

  const commentOf = (statement: string): string[] =>
    /\/\*traceparent='00-(\w{32})-(\w{16})-0\d'\*\/$/.exec(statement)?.slice(1) ?? [];

  const ways: { readonly name: string; readonly least: number; readonly send: () => PromiseLike<unknown> }[] =
    [
      { name: 'findUnique', least: 1, send: () => prisma.member.findUnique({ where: { id: 1 } }) },
      {
        name: 'findMany with a relation',
        least: 2,
        send: () => prisma.member.findMany({ include: { orders: true } }),
      },
      {
        name: 'create with children',
        least: 4,
        send: () =>
          prisma.member.create({
            data: { id: 90, email: 'lee@example.com', orders: { create: [{ id: 'new' }] } },
          }),
      },
      {
        name: 'update',
        least: 1,
        send: () => prisma.order.update({ where: { id: 'o1' }, data: { state: 'paid' } }),
      },
      { name: 'updateMany', least: 1, send: () => prisma.order.updateMany({ data: { state: 'paid' } }) },
      {
        name: 'upsert',
        least: 1,
        send: () =>
          prisma.order.upsert({ where: { id: 'o1' }, create: { id: 'o1' }, update: { state: 'paid' } }),
      },
      { name: 'delete', least: 1, send: () => prisma.order.delete({ where: { id: 'o1' } }) },
      {
        name: '$queryRaw',
        least: 1,
        send: () => prisma.$queryRaw`SELECT email FROM members WHERE id = ${7}`,
      },
      {
        name: '$executeRaw',
        least: 1,
        send: () => prisma.$executeRaw`DELETE FROM orders WHERE id = ${'o1'}`,
      },
      {
        name: '$queryRawUnsafe',
        least: 1,
        send: () => prisma.$queryRawUnsafe('SELECT email FROM members LIMIT 1'),
      },
      {
        name: '$transaction with a function',
        least: 4,
        send: () =>
          prisma.$transaction(async (tx) => {
            await tx.order.update({ where: { id: 'o1' }, data: { state: 'paid' } });
            await tx.$executeRaw`DELETE FROM orders WHERE id = ${'o2'}`;
          }),
      },
      {
        name: '$transaction with a list',
        least: 4,
        send: () =>
          prisma.$transaction([
            prisma.order.update({ where: { id: 'o1' }, data: { state: 'paid' } }),
            prisma.member.findMany(),
          ]),
      },
      {
        name: 'an extended client',
        least: 1,
        send: () =>
          prisma
            .$extends({ query: { $allOperations: ({ args, query }: Extended) => query(args) } })
            .member.findUnique({ where: { id: 1 } }),
      },
    ];

  test.each(ways)(
    '$name: every statement carries its place in the trace, and is a span',
    async ({ least, send }) => {
      instrument();
      await withTrace({}, () => log.span('request', async () => void (await send())));
      const statements = await sent();
      const spans = records({ kind: 'span' }).filter(({ message }) => message !== 'request');
      const [request] = records({ message: 'request' });
      expect(statements.length).toBeGreaterThanOrEqual(least);
      expect(statements.map(commentOf)).toEqual(spans.map(({ span_id: id }) => [request?.trace_id, id]));
      expect(new Set(spans.map((span) => span.parent_span_id))).toEqual(new Set([request?.span_id]));
      expect(JSON.stringify(spans)).not.toMatch(/example\.com|traceparent/);
    },
  );

  const numbers = Array.from({ length: 40 }, (_, index) => index + 1);
  const traceOf = (number: number): string => number.toString(16).padStart(32, 'c');

  /** Requests that all wait for one promise, and so ask in the very same tick. */
  async function askAtOnce(ask: (number: number) => PromiseLike<unknown>): Promise<readonly unknown[]> {
    const gate = new Promise<void>((resolve) => setImmediate(resolve));
    const all = numbers.map((number) =>
      withTrace({ traceparent: `00-${traceOf(number)}-${'b'.repeat(16)}-01` }, async () => {
        await gate;
        return ask(number);
      }),
    );
    return Promise.all(all);
  }

  const atOnce: {
    readonly name: string;
    readonly ask: (number: number) => PromiseLike<unknown>;
    readonly each: number;
  }[] = [
    { name: 'findUnique', each: 1, ask: (number) => prisma.member.findUnique({ where: { id: number } }) },
    {
      name: 'findUnique of two models',
      each: 1,
      ask: (number) =>
        number % 2 === 0
          ? prisma.member.findUnique({ where: { id: number } })
          : prisma.order.findUnique({ where: { id: `o${number}` } }),
    },
    {
      name: 'lists of queries',
      each: 4,
      ask: (number) =>
        prisma.$transaction([
          prisma.order.updateMany({ where: { id: `o${number}` }, data: { state: 'paid' } }),
          prisma.member.findUnique({ where: { id: number } }),
        ]),
    },
    {
      name: 'findUnique in transactions',
      each: 3,
      ask: (number) =>
        prisma.$transaction((tx) => Promise.resolve(tx.member.findUnique({ where: { id: number } }))),
    },
  ];

  test.each(atOnce)('requests in the same tick keep their own place: $name', async ({ ask, each }) => {
    instrument();
    const answers = await askAtOnce(ask);
    expect(answers).toHaveLength(numbers.length);
    const traces = (await sent()).map((statement) => commentOf(statement)[0] ?? statement);
    const wanted = numbers.flatMap((number) => Array.from({ length: each }, () => traceOf(number)));
    expect(traces.sort()).toEqual(wanted.sort());
    const ofSpans = records({ kind: 'span' }).map(({ trace_id: id }) => String(id));
    expect(ofSpans.sort()).toEqual(wanted);
  });

  test('the queries of one request are merged as ever, and each gets its own row', async () => {
    instrument();
    const ids = [3, 1, 2];
    const rows = await withTrace({}, () =>
      Promise.all(ids.map((id) => prisma.member.findUnique({ where: { id } }))),
    );
    expect(rows.map((row) => row?.id)).toEqual(ids);
    expect(await sent()).toEqual([expect.stringMatching(/IN \(\$1,\$2,\$3\).*traceparent/)]);
  });

  test('without a place in a trace a query goes out as it is', async () => {
    instrument();
    const rows = await Promise.all([1, 2].map((id) => prisma.member.findUnique({ where: { id } })));
    expect(rows.map((row) => row?.id)).toEqual([1, 2]);
    const statements = await sent();
    expect(statements).toHaveLength(1);
  });

  test('ended, Prisma merges the queries of all requests again', async () => {
    instrument();
    for (const release of releases.splice(0)) release();
    await askAtOnce((number) => prisma.member.findUnique({ where: { id: number } }));
    expect(await sent()).toEqual([expect.stringMatching(/IN \([^/]*$/)]);
  });

  test('statements that the adapter names are prepared, and never carry a comment', async () => {
    await prisma.$disconnect();
    prisma = connect({ statementNameGenerator: ({ sql }) => `s${sql.length}` });
    instrument();
    for (const id of [1, 2]) await withTrace({}, async () => prisma.member.findUnique({ where: { id } }));
    const statements = await sent();
    expect(statements).toHaveLength(2);
    expect(statements.join()).not.toContain('traceparent');
    expect(records({ kind: 'span' })).toHaveLength(2);
  });

  test('comments are off unless asked for, and a sample takes whole traces', async () => {
    releases.push(instrumentPg(generated.pg, { log }));
    await withTrace({}, async () => prisma.member.findMany());
    expect((await sent()).join()).not.toContain('traceparent');
    for (const release of releases.splice(0)) release();
    instrument({ sample: 0.5 });
    const low = `00-${'a'.repeat(24)}00000001-${'b'.repeat(16)}-01`;
    const high = `00-${'a'.repeat(24)}f0000000-${'b'.repeat(16)}-01`;
    await withTrace({ traceparent: high }, async () => prisma.order.findMany());
    expect((await sent()).join()).not.toContain('traceparent');
    await withTrace({ traceparent: low }, async () => prisma.order.findMany());
    expect((await sent()).at(-1)).toContain(`traceparent='00-${'a'.repeat(24)}00000001`);
  });

  test('a failure has its SQLSTATE and no value, and reaches the caller as Prisma’s own', async () => {
    instrument();
    const send = async (): Promise<unknown> =>
      prisma.member.create({ data: { id: 91, email: 'kim1@example.com' } });
    await expect(withTrace({}, send)).rejects.toMatchObject({ code: 'P2002' });
    expect(records({ level: 'error' })).toMatchObject([
      { message: 'INSERT public.members', attributes: { error: { type: '23505' } } },
    ]);
    expect(JSON.stringify(records())).not.toContain('kim1@example');
  });

  test('a client that collects its queries in another way is left alone, and that is said', () => {
    const noticed = createTestLog();
    const notices: string[] = [];
    noticed.log.runtime.notice = (text) => void notices.push(text);
    instrumentPrisma({ $transaction: () => undefined }, { log: noticed.log })();
    expect(notices).toEqual([expect.stringContaining('nothing was changed')]);
  });
});

interface Extended {
  readonly args: unknown;
  readonly query: (args: unknown) => Promise<unknown>;
}
