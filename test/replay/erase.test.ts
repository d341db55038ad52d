/**
 * Erasing one person while a replay follows into a second database (a real PostgreSQL): what is sealed never gets there, neither in words
 * nor as a seal; rows that the service deletes go, and no replay of an older range brings one back; the proofs hold.
 * Erasing during ingest, backup and refill is tested beside the server (apps/server/src/identity/erase.test.ts).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineReplay, postgresSink, runReplays, type Replay } from '@sillok/admin';
import { createClient } from '@sillok/api';
import { identify, sillok, withTrace, type Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import { readHeld, verifyAuditLog } from '@sillok/server';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const NAME = '홍길동전';
const OTHER = '성춘향가';

describe.skipIf(postgresMissing !== undefined)('erasing one person', () => {
  let postgres: Postgres;
  let pool: pg.Pool;
  let server: TestServer;
  let logger: Logger;
  let audit: Audit;
  const folder = mkdtempSync(join(tmpdir(), 'sillok-erase-replay-'));
  const keys = join(folder, 'identity');

  beforeAll(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 4 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE visits (id text PRIMARY KEY, level int, customer jsonb)');
    server = await startTestServer({ SILLOK_IDENTITY_DIR: keys });
    logger = sillok({
      service: 'shop',
      url: server.url,
      key: server.key,
      spoolDirectory: join(folder, 'spool'),
      identity: { keys: join(keys, 'keys.json') },
      personal: ['customer.name'],
      stdout: 'none',
      captureFatal: false,
    });
    audit = new Audit({ logger });
  });
  afterAll(async () => {
    await logger.close();
    await server.dispose();
    await pool.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const copyOf = (name: string, fields: readonly string[]): Replay =>
    defineReplay({
      name,
      description: 'A table for reports.',
      entity: 'visit',
      fields,
      document: (image) => Object.fromEntries(fields.map((field) => [field, image[field]])),
      sink: postgresSink({
        query: (sql, values) => pool.query(sql, [...values]),
        table: 'visits',
        key: 'id',
        columns: fields,
      }),
    });

  async function run(replay: Replay, words: readonly string[], signal = new AbortController().signal) {
    let text = '';
    const out = { write: (piece: string) => (text += piece) };
    const env = { SILLOK_URL: server.url, SILLOK_KEY: server.key, SILLOK_REPLAY_DIR: join(folder, 'replay') };
    const code = await runReplays([replay], words, { out, env, signal });
    return { code, text };
  }

  async function visit(person: string, n: number, isDeleted = false): Promise<void> {
    const image = { level: n, customer: { name: person === 'p-kim' ? NAME : OTHER } };
    await withTrace({}, async () => {
      identify({ userHash: person }, { log: logger });
      await audit.record({
        action: isDeleted ? 'visit.delete' : 'visit.save',
        entity: { type: 'visit', id: `${person}-${n}` },
        actor: { type: 'user', id: person },
        subject: person,
        ...(isDeleted ? { before: image } : { after: image }),
      });
    });
  }

  const visitsOf = async (person: string): Promise<number> =>
    Number(
      (await pool.query('SELECT count(*) AS n FROM visits WHERE id LIKE $1', [`${person}-%`])).rows[0].n,
    );

  async function openedNames(person: string): Promise<Set<unknown>> {
    const client = createClient({ url: server.url, key: server.key });
    const { records } = await client.search({ q: `kind:audit audit.entity.type:visit user_hash:${person}` });
    expect(records.length).toBeGreaterThan(0);
    const found = new Set<unknown>();
    for (const { producer, boot, seq } of records.slice(0, 5)) {
      const { values } = await client.person.open({ producer, boot, seq, reason: 'a test' });
      for (const value of Object.values(values)) found.add(value);
    }
    return found;
  }

  function filesWith(pattern: RegExp, root: string): string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => pattern.test(readFileSync(path, 'utf8')));
  }

  test('during a replay leaves nothing of theirs in the second database, and nothing comes back', async () => {
    const copy = copyOf('levels', ['level']);
    const stop = new AbortController();
    const following = run(copy, ['follow', 'levels'], stop.signal);
    const people = ['p-kim', 'p-lee'];
    for (let n = 1; n <= 30; n += 1) for (const person of people) await visit(person, n);
    await until('the first of them are there', 30_000, async () => (await visitsOf('p-kim')) > 0);
    expect(await openedNames('p-kim')).toContain(NAME);
    const client = createClient({ url: server.url, key: server.key });

    // Erased while the replay goes on, and while more of them comes in.
    const erased = client.person.erase({ person: 'p-kim', reason: 'asked to be forgotten' });
    for (let n = 31; n <= 60; n += 1) for (const person of people) await visit(person, n);
    await erased;
    await until('all are there', 30_000, async () => (await visitsOf('p-lee')) === 60);
    await until('all are there', 30_000, async () => (await visitsOf('p-kim')) === 60);
    expect(await openedNames('p-kim')).toEqual(new Set([null]));
    expect(await openedNames('p-lee')).toContain(OTHER);

    // The service deletes what it has of the person, and so does the replay that follows.
    const beforeDeletion = new Date().toISOString();
    for (let n = 1; n <= 60; n += 1) await visit('p-kim', n, true);
    await until('they are gone', 30_000, async () => (await visitsOf('p-kim')) === 0);
    stop.abort();
    await following;
    await server.search({ after: await logger.flush(), wait_ms: '50000', limit: '1' });

    // An old range, and a second database that is empty and filled again.
    const old = await run(copy, ['run', 'levels', '--to', beforeDeletion, '--apply']);
    expect([old.code, old.text]).toEqual([0, expect.stringContaining('0 written')]);
    await pool.query('DELETE FROM visits');
    const again = await run(copy, ['run', 'levels', '--apply']);
    expect(again.text).toContain('60 written');
    expect([await visitsOf('p-kim'), await visitsOf('p-lee')]).toEqual([0, 60]);
  });

  test('a replay that asks for the sealed field is told so, and writes neither the name nor the seal', async () => {
    const { text } = await run(copyOf('names', ['level', 'customer']), ['run', 'names', '--apply', '--json']);
    expect(text).toContain('customer');
    const { rows } = await pool.query('SELECT id FROM visits WHERE customer IS NOT NULL');
    expect(rows).toEqual([]);
    await pool.query('CHECKPOINT');
    const pattern = /홍길동전|성춘향가|sillok:p1/;
    expect(filesWith(pattern, join(postgres.folder, 'data'))).toEqual([]);
    for (const place of [join(folder, 'spool'), server.dataDirectory])
      expect(filesWith(/홍길동전|성춘향가/, place)).toEqual([]);
    expect(postgres.output()).not.toMatch(pattern);
  });

  test('leaves every proof whole', async () => {
    const client = createClient({ url: server.url, key: server.key });
    const held = [await (await client.http.send({ path: '/api/audit/checkpoint' })).text()];
    const verifier = await (await client.http.send({ path: '/api/audit/verifier' })).text();
    await server.stop();
    const { checkpoints } = readHeld(held, [verifier.trim()]);
    expect(checkpoints).toHaveLength(1);
    expect(await verifyAuditLog(server.dataDirectory, checkpoints)).toMatchObject({
      damage: [],
      projects: [{ project: 'default', findings: [] }],
    });
  });
});
