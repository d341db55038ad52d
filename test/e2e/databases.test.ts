/** A real PostgreSQL in the console: asked and cancelled, its values followed into the record, its numbers watched by a rule. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HookSink } from '../../apps/server/src/alert/sinks.fixture.js';
import { chromiumPath, launchChromium, openPage, signedIn } from '../lib/console.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';
import { startTestServer, until, type TestServer } from '../lib/server.js';

const isSkipped = chromiumPath === undefined || postgresMissing !== undefined;
const directory = mkdtempSync(join(tmpdir(), 'sillok-e2e-db-'));
const hook = new HookSink();
let postgres: Postgres;
let admin: pg.Client;
let server: TestServer;
let browser: Browser;

const SETUP = `
  CREATE TABLE orders (id int PRIMARY KEY, state text, total numeric, trace_id text);
  INSERT INTO orders VALUES (7, 'paid', 31000, '${'a1'.repeat(16)}'), (8, '<b>lost</b>', 12000, NULL);
  REVOKE CREATE ON SCHEMA public FROM PUBLIC;
  CREATE ROLE reader LOGIN;
  GRANT SELECT ON orders TO reader;`;

beforeAll(async () => {
  if (isSkipped) return;
  postgres = await startPostgres();
  admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query(SETUP);
  const file = join(directory, 'databases.json');
  const url = `postgres://reader@127.0.0.1:${postgres.port}/postgres`;
  writeFileSync(file, JSON.stringify({ shop: { url, entities: { id: 'order' } } }));
  server = await startTestServer({ SILLOK_DATABASES: file, SILLOK_ALLOW_PRIVATE_TARGETS: '1' });
  browser = await launchChromium();
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  if (isSkipped) return;
  hook.stop();
  await browser.close();
  await server.dispose();
  await admin.end();
  await postgres.stop();
});

async function runningSleeps(): Promise<number> {
  const text = `SELECT count(*)::int AS n FROM pg_stat_activity
    WHERE state = 'active' AND query LIKE '%pg_sleep(29)%' AND pid <> pg_backend_pid()`;
  return (await admin.query<{ n: number }>(text)).rows[0]?.n ?? 0;
}

test.skipIf(isSkipped)('a database is asked, cancelled, and leads back to the record', async () => {
  const page = await signedIn(browser, server);
  await openPage(page, 'SQL');
  await page.getByLabel('Ask').selectOption('shop');
  const editor = page.getByRole('textbox', { name: 'SQL statement' });
  const write = async (text: string): Promise<void> => {
    await editor.press('ControlOrMeta+a');
    await page.keyboard.press('Delete');
    await page.keyboard.insertText(text);
  };
  await write('SELECT id, state, total, trace_id FROM orders WHERE state = {state} ORDER BY id');
  await page.getByRole('textbox', { name: 'state', exact: true }).fill('paid');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('as reader, read-only').waitFor();
  const row = page.getByRole('row').filter({ hasText: 'paid' });
  expect(await row.getByRole('link', { name: '7', exact: true }).getAttribute('href')).toBe(
    '/history/order/7',
  );
  await page.getByRole('textbox', { name: 'state', exact: true }).fill('<b>lost</b>');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByRole('cell', { name: '<b>lost</b>' }).waitFor();

  await page.getByRole('button', { name: 'Saved' }).click();
  await page.getByLabel('Save this one as').fill('orders by state');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('button', { name: 'orders by state', exact: true }).waitFor();
  await page.keyboard.press('Escape');

  await write('DELETE FROM orders');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByRole('alert').getByText('it begins with "DELETE"').waitFor();

  await write('SELECT pg_sleep(29)');
  await page.getByRole('button', { name: 'Run' }).click();
  await until('it runs in the database', 20_000, async () => (await runningSleeps()) === 1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled.').waitFor();
  expect(await runningSleeps()).toBe(0);

  // Kept on the server: another page finds it.
  await page.reload();
  await page.getByRole('button', { name: 'Saved' }).click();
  await page.getByRole('button', { name: 'orders by state', exact: true }).click();
  await page.getByRole('textbox', { name: 'state', exact: true }).fill('paid');
  await page.getByRole('button', { name: 'Run' }).click();
  await page.getByText('as reader, read-only').waitFor();
  await page.getByRole('link', { name: 'a1'.repeat(16) }).click();
  await page.waitForURL(/\/trace\/a1a1/);
  await page.close();
});

async function make(path: string, body: object): Promise<void> {
  const made = await server.post(path, JSON.stringify(body), { 'content-type': 'application/json' });
  expect(made.status).toBe(201);
}

test.skipIf(isSkipped)('a panel of a database stops in the database, and says so', async () => {
  const panel = {
    ...{ id: 'slow', title: 'Slow', kind: 'number', language: 'sql', database: 'shop' },
    q: 'SELECT count(*) AS n FROM (SELECT pg_sleep(29)) AS slept',
  };
  await make('/api/dashboards', { name: 'Orders', panels: [panel] });
  const page = await signedIn(browser, server);
  await openPage(page, 'Dashboards');
  await page.getByRole('link', { name: 'Orders' }).click();
  await until('it runs in the database', 20_000, async () => (await runningSleeps()) === 1);
  await page.getByRole('region', { name: 'Slow' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByText('Cancelled. Nothing of it runs any more.').waitFor();
  expect(await runningSleeps()).toBe(0);
  await page.close();
});

/** Databases are asked once a minute, and this waits for two rounds. */
const watchedMs = 240_000;

test.skipIf(isSkipped)(
  'a number of a database is watched, from a saved statement',
  { timeout: watchedMs },
  async () => {
    const url = `${await hook.start()}/ops`;
    await make('/api/alert-targets', { kind: 'slack_webhook', name: '#ops', url });
    const statement = { language: 'sql', database: 'shop' };
    const q = "SELECT count(*) AS paid FROM orders WHERE state = 'paid'";
    await make('/api/saved', { ...statement, name: 'how many are paid', q });
    await make('/api/alert-rules', {
      ...{ name: 'of a table that is gone', database: 'shop', q: 'SELECT count(*) FROM gone' },
      kind: 'threshold',
    });
    const page = await signedIn(browser, server);
    await openPage(page, 'Alerts');
    await page.getByRole('link', { name: 'Rules' }).click();
    await page.getByRole('button', { name: 'New rule' }).click();
    await page.getByLabel('Name').fill('somebody paid');
    await page.getByLabel('Ask').selectOption('shop');
    await page.getByLabel('Take a saved statement').selectOption('how many are paid');
    expect(await page.getByRole('textbox', { name: 'Statement' }).inputValue()).toBe(q);
    await page.getByLabel('Value', { exact: true }).fill('2');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('It is 1 now, and would say nothing.').waitFor();
    await page.getByLabel('Value', { exact: true }).fill('1');
    await page.getByRole('button', { name: 'Preview' }).click();
    await page.getByText('It is 1 now, and would speak up.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('row').filter({ hasText: 'somebody paid' }).getByText('shop').waitFor();

    await until('it is told', 150_000, async () =>
      hook.texts('/ops').some((text) => /somebody paid/.test(text)),
    );
    expect(hook.texts('/ops').find((text) => /somebody paid/.test(text))).toContain(
      '`1 ≥ 1 in the database shop`',
    );
    await page.reload();
    const gone = page.getByRole('row').filter({ hasText: 'of a table that is gone' });
    await gone.getByText('cannot be evaluated: shop: relation "gone" does not exist').waitFor();
    await openPage(page, 'Alerts');
    await page.locator('.alert-row').filter({ hasText: 'in the database shop' }).click();
    await page.getByRole('link', { name: 'Open the statement' }).click();
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('columnheader', { name: 'paid' }).waitFor();
    await page.close();
  },
);
