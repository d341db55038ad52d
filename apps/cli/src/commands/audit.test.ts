/** The audit trail on the command line: changes, receipts, and a witness that notices what was done to the log. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { appendFileSync, cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditAnswer } from '@sillok/api';
import { newSigner, signerFromText, signKeyChange } from '@sillok/proof';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../running-server.case.js';

let server: TestServer;
let verifierFile = '';
const fileOf = (name: string, text: string): string => {
  const path = join(server.directory, name);
  writeFileSync(path, text);
  return path;
};

async function post(entries: readonly object[]): Promise<AuditAnswer> {
  const service = { name: 'billing' };
  return server.client.http.json({ method: 'POST', path: '/v1/audit', json: { service, entries } });
}

const entry = (id: string, more: object = {}): object => ({
  id,
  action: 'order.update',
  entity: { type: 'order', id: '7' },
  actor: { type: 'admin', id: 'kim\u001b[2J' },
  before: { address: '서울' },
  after: { address: '부산' },
  ...more,
});

beforeAll(async () => {
  server = await startTestServer();
  await post([
    entry('a-1', { outcome: 'intent' }),
    entry('a-1'),
    entry('a-2', { entity: { type: 'user', id: '1' } }),
  ]);
  await server.found('');
  verifierFile = fileOf('verifier', (await server.run(['audit', 'verifier'])).out);
});
afterAll(() => server.close());

describe('audit list and show', () => {
  test('name who changed what, and let no control character through', async () => {
    const listed = await server.run(['audit', 'list', '--entity', 'order/7']);
    expect(listed.exitCode).toBe(0);
    expect(listed.out).toMatch(/admin kim␛\[2J +order\.update +order\/7 +committed +address +a-1/);
    expect(listed.err).toContain('1 change');
    const shown = await server.run(['audit', 'show', 'a-1']);
    expect(shown.out).toMatch(/address +"서울" +"부산"/);
    expect(shown.out).not.toContain('\u001b');
    expect((await server.run(['audit', 'show', 'a-1', '--json'])).json()).toMatchObject({ id: 'a-1' });
    const missing = await server.run(['audit', 'show', 'nobody']);
    expect([missing.exitCode, missing.err]).toEqual([1, expect.stringContaining('no change "nobody"')]);
  });
});

describe('receipts', () => {
  test('are checked without the server, and a changed one is refused', async () => {
    const ran = await server.run(['audit', 'receipt', 'a-1']);
    const good = fileOf('receipt.json', ran.out);
    const checked = await server.run(['audit', 'check-receipt', good, '--verifier', verifierFile]);
    expect([checked.exitCode, checked.out]).toEqual([0, expect.stringContaining('✓')]);
    const other = fileOf('other.json', ran.out.replace('"index":1', '"index":0'));
    const refused = await server.run(['audit', 'check-receipt', other, '--verifier', verifierFile, '--json']);
    expect([refused.exitCode, refused.json().ok]).toEqual([5, false]);
    const junk = await server.run([
      'audit',
      'check-receipt',
      fileOf('junk', '{'),
      '--verifier',
      verifierFile,
    ]);
    expect(junk.exitCode).toBe(5);
  });
});

describe('a witness', () => {
  const look = (directory: string) =>
    server.run([
      'witness',
      '--once',
      '--verifier',
      verifierFile,
      '--directory',
      join(server.directory, directory),
    ]);

  test('follows a log that grows, keeps what it saw, and its file verifies the data folder', async () => {
    expect((await look('w')).out).toContain('✓');
    await post([entry('a-3')]);
    expect((await look('w')).out).toContain('4 entries, cosigned');
    const kept = join(server.directory, 'w', 'checkpoints');
    // Half a note, as a kill in the middle of the write leaves it.
    appendFileSync(kept, 'sillok-x/default/audit\n9\n\n\u2014 sil');
    await post([entry('a-4')]);
    expect((await look('w')).out).toContain('5 entries');
    const copy = join(server.directory, 'copy');
    cpSync(join(server.directory, 'data'), copy, {
      recursive: true,
      filter: (path) => !path.includes('engine'),
    });
    const args = ['audit', 'verify', copy, '--checkpoint', kept, '--verifier', verifierFile];
    const verified = await server.run(args);
    expect([verified.exitCode, verified.out]).toEqual([0, expect.stringContaining('5 entries proven')]);

    const queue = join(copy, 'queue', 'audit');
    for (const name of readdirSync(queue).filter((each) => each.endsWith('.ndjson'))) {
      const path = join(queue, name);
      // One entry of the five, and no checksum put right.
      writeFileSync(path, readFileSync(path, 'utf8').replace(/("audit\.id":"a-3".*)서울/, '$1대전'));
    }
    const changed = await server.run(args);
    expect([changed.exitCode, changed.out]).toEqual([5, expect.stringContaining('entry 3 was changed')]);
    expect(changed.out).toContain('checksum');
  });

  test('follows a change of the key, keeps it, and is loud when the old key comes back', async () => {
    expect((await look('k')).exitCode).toBe(0);
    const rotate = ['audit', 'rotate-key', '--reason', 'yearly'];
    const none = await server.run([...rotate, '--overlap-days', 'x']);
    expect([none.exitCode === 0, none.err]).toEqual([false, expect.stringContaining('overlap_days')]);
    const rotated = await server.run([...rotate, '--overlap-days', '0', '--json']);
    expect(rotated.exitCode).toBe(0);
    const { audit_id, before, after } = rotated.json();
    expect(before).toBe(readFileSync(verifierFile, 'utf8').trim());
    const told = await server.run(['audit', 'receipt', String(audit_id)]);
    const followed = fileOf('followed', `${before}\n${(await server.run(['audit', 'key-changes'])).out}`);
    const receipt = fileOf('rotated.json', told.out);
    const check = (file: string) => server.run(['audit', 'check-receipt', receipt, '--verifier', file]);
    expect([(await check(followed)).exitCode, (await check(verifierFile)).exitCode]).toEqual([0, 5]);

    expect(await look('k')).toMatchObject({ exitCode: 0 });
    const kept = readFileSync(join(server.directory, 'k', 'key-changes'), 'utf8');
    expect(kept).toContain(`to ${after}`);
    const verified = await server.run([
      ...['audit', 'verify', join(server.directory, 'data')],
      ...['--checkpoint', join(server.directory, 'k', 'checkpoints'), '--verifier', verifierFile],
    ]);
    expect([verified.exitCode, verified.out]).toEqual([0, expect.not.stringContaining('✗')]);

    // Another key that the witness was told of before: what the server shows now is signed by a replaced one.
    const chain = newSigner(String(after).split('+')[0] ?? '');
    const secret = readFileSync(join(server.directory, 'data', 'proof', 'signing-key'), 'utf8');
    const change = signKeyChange(signerFromText(secret), chain, '2026-11-21T10:00:00.000Z');
    writeFileSync(join(server.directory, 'k', 'key-changes'), `${kept}${change}\n`);
    const back = await look('k');
    expect([back.exitCode, back.err]).toEqual([5, expect.stringContaining('no known key has signed it')]);
  });

  test('is loud when the log is another one, or smaller than it was', async () => {
    await look('v');
    const kept = join(server.directory, 'v', 'checkpoints');
    const other = await startTestServer();
    const alien = await other.run([
      'witness',
      '--once',
      '--verifier',
      verifierFile,
      '--directory',
      join(server.directory, 'v'),
    ]);
    expect([alien.exitCode, alien.err]).toEqual([5, expect.stringContaining('does not hold')]);
    await other.close();
    const text = readFileSync(kept, 'utf8');
    rmSync(kept);
    writeFileSync(kept, text.replace(/\n\d+\n/, '\n99\n'));
    const forged = await look('v');
    expect([forged.exitCode, forged.err]).toEqual([1, expect.stringContaining('does not hold')]);
  });

  test.each([
    [
      404,
      '{"error":{"code":"not_found","message":"Nothing is here.","help":"x"}}',
      /older than the audit log.*Update the server/,
    ],
    [404, '<html>not found</html>', /older than the audit log.*--url/],
    [
      403,
      '{"error":{"code":"scope_missing","message":"No scope.","help":"x"}}',
      /the scope "read"; nothing was checked/,
    ],
  ])('says what to do about an answer of %i', async (status, body, problem) => {
    const older = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((resolve) => older.listen(0, '127.0.0.1', resolve));
    // Bound to an address, so it is no pipe.
    const url = `http://127.0.0.1:${(older.address() as AddressInfo).port}`;
    const directory = join(server.directory, 'older');
    const place = ['--verifier', verifierFile, '--directory', directory, '--url', url];
    const seen = await server.run(['witness', '--once', ...place]);
    expect([seen.exitCode, seen.err]).toEqual([5, expect.stringMatching(problem)]);
    older.close();
  });

  test('calls silence an alarm', async () => {
    const gone = await server.run([
      'witness',
      '--once',
      '--verifier',
      verifierFile,
      '--directory',
      join(server.directory, 'u'),
      '--url',
      'http://127.0.0.1:9',
    ]);
    expect([gone.exitCode, gone.err]).toEqual([5, expect.stringContaining('no answer')]);
  });
});

describe('audit history, actor, person, customer, export and review', () => {
  test('tell who changed what from what to what, and that no click is behind it', async () => {
    const told = await server.run(['audit', 'history', 'order', '7']);
    expect(told.exitCode).toBe(0);
    expect(told.out).toMatch(
      /admin kim␛\[2J {2}order\.update order\/7 {2}committed\n +address: "서울" → "부산"\n +no user action is recorded/,
    );
    expect((await server.run(['audit', 'actor', 'nobody'])).err).toContain('0 changes');
    expect((await server.run(['audit', 'person', 'u1_x'])).err).toContain('0 changes');
    await post([
      entry('p-1', {
        actor: { type: 'admin', id: 'park' },
        entity: { type: 'member', id: '31', version: 6 },
        subject: 'u1_jiwon',
      }),
      entry('p-2', { actor: { type: 'admin', id: 'lee' }, action: 'member.read', subject: 'u1_jiwon' }),
    ]);
    await server.found('');
    const actor = await server.run(['audit', 'actor', 'park']);
    expect([actor.out, actor.err]).toEqual([
      expect.stringMatching(
        /admin park {2}order\.update member\/31 \(version 6\) {2}committed\n +address: "서울"/,
      ),
      expect.stringContaining('1 change'),
    ]);
    // Who changed their data, and who looked at it.
    const person = await server.run(['audit', 'person', 'u1_jiwon']);
    expect([person.out.match(/admin \w+/g)?.toSorted(), person.err]).toEqual([
      ['admin lee', 'admin park'],
      expect.stringContaining('2 changes'),
    ]);
    await post([entry('c-1', { customer: 'acme', action: 'order.delete', time: '2026-10-01T00:00:00Z' })]);
    await server.found('');
    const company = await server.run(['audit', 'customer', 'acme']);
    expect(company.out).toMatch(/admin kim␛\[2J +1 +1 +0 +0 .* order\.delete 1/);
  });

  test('write events that other systems take', async () => {
    const file = join(server.directory, 'audit.json');
    const ran = await server.run([
      ...['audit', 'export', '--entity', 'order/7', '--format', 'cloudevents', '--out', file],
    ]);
    expect(ran.exitCode).toBe(0);
    // The server's own answer.
    const events = JSON.parse(readFileSync(file, 'utf8')) as { readonly id: string }[];
    expect(events.length).toBeGreaterThan(2);
    expect(events).toContainEqual(
      expect.objectContaining({
        specversion: '1.0',
        id: 'a-1/committed',
        type: 'sillok.audit.order.update',
        subject: 'order/7',
      }),
    );
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  test('write a CSV, and refuse a format that there is none of', async () => {
    const file = join(server.directory, 'audit.csv');
    const ran = await server.run(['audit', 'export', '--entity', 'order/7', '--out', file]);
    expect([ran.exitCode, ran.out]).toEqual([0, expect.stringContaining('audit.csv')]);
    expect(readFileSync(file, 'utf8')).toContain('address,서울,부산');
    expect((await server.run(['audit', 'export', '--format', 'xml'])).exitCode).toBe(2);
  });

  test('review a month, and sign it off once it is over', async () => {
    await post([entry('v-1', { action: 'member.export', time: '2026-10-06T01:00:00Z' })]);
    await server.found('');
    const review = await server.run(['audit', 'review', '2026-10']);
    expect(review.out).toMatch(/admin kim␛\[2J +1 .*took data out, without a reason/);
    expect(review.out).toContain('Not signed off yet');
    const signed = await server.run(['audit', 'review', '2026-10', '--sign-off', 'looked at']);
    expect([signed.exitCode, signed.out]).toEqual([0, expect.stringContaining('2026-10 is signed off')]);
    const early = await server.run(['audit', 'review', '2199-01', '--sign-off', 'x']);
    expect([early.exitCode, early.err]).toEqual([1, expect.stringContaining('is not over')]);
  });
});
