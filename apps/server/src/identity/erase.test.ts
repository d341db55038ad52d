/**
 * Erasing one person while their records stream in, while a backup is taken, and with everything filled again from the queue
 * afterwards: nothing of theirs can be read anywhere, nothing comes back, and the proofs over the audit trail still hold.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client, type PersonOpenAnswer } from '@sillok/api';
import { createLogger, identify, withTrace, type Logger } from '@sillok/node';
import { Audit } from '@sillok/node/audit';
import type { Envelope } from '@sillok/record';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHeld, verifyAuditLog } from '../audit/verify.js';
import { ServerUnderTest } from '../server.fixture.js';

const NAME = '홍길동전';
const OTHER = '성춘향가';
const folder = mkdtempSync(join(tmpdir(), 'sillok-erase-'));
const keys = join(folder, 'identity');
const backup = join(folder, 'backup');
const server = new ServerUnderTest({ identityDirectory: keys });
let log: Logger;

beforeAll(async () => {
  await server.start();
  log = createLogger({
    service: 'shop',
    spoolDirectory: join(folder, 'spool'),
    url: server.running.url,
    key: server.running.devKey,
    identity: { keys: join(keys, 'keys.json') },
    personal: ['customer.name'],
    stdout: 'none',
    heartbeatMs: 0,
    captureFatal: false,
  });
});
afterAll(async () => {
  await log.close();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const clientOf = (of: ServerUnderTest): Client =>
  createClient({ url: of.running.url, key: of.running.devKey });

/** A service that goes on writing about two people until it is told to stop. */
async function stream(of: { stopped: boolean; written: number }): Promise<void> {
  const audit = new Audit({ logger: log });
  for (let n = 0; !of.stopped; n += 1) {
    const [userHash, name] = n % 2 === 0 ? ['p-kim', NAME] : ['p-lee', OTHER];
    await withTrace({}, async () => {
      identify({ userHash }, { log });
      log.info({ customer: { name }, n }, 'ordered');
      await audit.record({
        action: 'member.rename',
        entity: { type: 'member', id: userHash },
        actor: { type: 'user', id: userHash },
        subject: userHash,
        before: { customer: { name }, level: 1 },
        after: { customer: { name: `${name} 2` }, level: 2 },
      });
    });
    of.written += 1;
  }
}

async function reached(state: { written: number }, count: number): Promise<void> {
  // The writer awaits the disk at each step, so turns of the event loop pass to it.
  while (state.written < count) await new Promise((resolve) => setImmediate(resolve));
}

async function opened(client: Client, record: Envelope | undefined): Promise<PersonOpenAnswer> {
  if (record === undefined) throw new Error('there is no such record');
  const { producer, boot, seq } = record;
  return client.person.open({ producer, boot, seq, reason: 'a test' });
}

/** All that can be read of a person's records, of the log and of the audit trail. */
async function readable(client: Client, person: string): Promise<Set<unknown>> {
  const found = new Set<unknown>();
  for (const q of ['message:ordered', 'kind:audit audit.action:member.rename']) {
    const { records } = await client.search({ q: `${q} user_hash:${person}`, limit: 1000 });
    expect(records.length).toBeGreaterThan(10);
    // The first, the last, and some in between: before, during and after the erasure.
    const step = Math.ceil(records.length / 8);
    for (const record of [...records.filter((_, index) => index % step === 0), records.at(-1)]) {
      for (const value of Object.values((await opened(client, record)).values)) found.add(value);
    }
  }
  return found;
}

function filesWith(pattern: RegExp, root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => pattern.test(readFileSync(path, 'utf8')));
}

test(
  'erasing a person during ingest, backup and refill leaves nothing to read, and every proof whole',
  { timeout: 180_000 },
  async () => {
    const state = { stopped: false, written: 0 };
    const streaming = stream(state);
    await reached(state, 60);
    await log.flush();
    await server.visible();
    const client = clientOf(server);
    expect(await readable(client, 'p-kim')).toContain(NAME);
    const held = [await (await client.http.send({ path: '/api/audit/checkpoint' })).text()];
    const verifier = await (await client.http.send({ path: '/api/audit/verifier' })).text();

    // The backup holds no keys, as docs/guides/identity.md asks for; the engine's files are derived.
    cpSync(server.directory, backup, {
      recursive: true,
      filter: (path) => !/\/engine|lock/.test(path.slice(server.directory.length)),
    });
    await client.person.erase({ person: 'p-kim', reason: 'asked to be forgotten' });
    const erasedAt = state.written;
    await reached(state, erasedAt + 60);
    state.stopped = true;
    await streaming;
    await log.flush();
    await server.visible();

    expect(await readable(client, 'p-kim')).toEqual(new Set([null]));
    expect(await readable(client, 'p-lee')).toContain(OTHER);
    held.push(await (await client.http.send({ path: '/api/audit/checkpoint' })).text());

    // Everything filled again from the queue.
    await server.stop();
    rmSync(join(server.directory, 'engine'), { recursive: true, force: true });
    await server.start();
    await server.visible();
    expect(await readable(clientOf(server), 'p-kim')).toEqual(new Set([null]));

    // The backup, brought up with the keys as they are now.
    const restored = new ServerUnderTest({ dataDirectory: backup, identityDirectory: keys });
    await restored.start();
    await restored.visible();
    expect(await readable(clientOf(restored), 'p-kim')).toEqual(new Set([null]));
    await restored.stop();
    await restored.dispose();

    await server.stop();
    const checkpoints = readHeld(held, [verifier.trim()]).checkpoints;
    expect(checkpoints).toHaveLength(2);
    const whole = { damage: [], projects: [{ project: 'default', findings: [] }] };
    expect(await verifyAuditLog(server.directory, checkpoints)).toMatchObject(whole);
    expect(await verifyAuditLog(backup, checkpoints.slice(0, 1))).toMatchObject(whole);
    for (const place of [folder, server.directory]) expect(filesWith(/홍길동전|성춘향가/, place)).toEqual([]);
    await server.start();
  },
);
