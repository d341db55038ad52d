import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { postgresMissing, startPostgres } from './postgres.js';

test.skipIf(postgresMissing !== undefined)('a PostgreSQL is there and leaves nothing behind', async () => {
  const postgres = await startPostgres({ log_connections: 'on' });
  const socket = new Socket().connect(postgres.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  expect(postgres.output()).toContain('ready to accept connections');
  await postgres.stop();
  expect(existsSync(postgres.folder)).toBe(false);
  const late = new Socket().connect(postgres.port, '127.0.0.1');
  await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test.skipIf(postgresMissing !== undefined)('a setting that PostgreSQL refuses is named', async () => {
  await expect(startPostgres({ no_such_setting: '1' })).rejects.toThrow(/no_such_setting/);
});
