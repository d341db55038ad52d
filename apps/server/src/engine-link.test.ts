/** The moment at which readers are let in. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { lines, ServerUnderTest } from './server.fixture.js';

const server = new ServerUnderTest();
afterEach(() => server.dispose());

const isExternal = process.env['SILLOK_CLICKHOUSE_URL'] !== undefined;

test.skipIf(isExternal)(
  'a store that has lost everything is not read as if nothing were missing',
  async () => {
    await server.start();
    await server.verdict({ producer: 'p', boot: 'b' }, lines(1, 300));
    await server.visible();
    await server.stop();
    rmSync(join(server.directory, 'engine'), { recursive: true });
    await server.start();
    // The first moment; later ones are seen by everybody.
    while (!server.isReady()) await new Promise((resolve) => setImmediate(resolve));
    const { state, store } = server.running.deps;
    const { lag_ms: lagMs } = state.freshness();
    const { rows } = await store().select({ sql: `SELECT count() FROM ${store().table}`, pool: 'system' });
    expect(lagMs > 0 || Number(rows[0]?.[0]) === 300).toBe(true);
  },
);
