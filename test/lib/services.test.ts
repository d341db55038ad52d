/** The servers that other tests stand on: each starts, takes a connection, and is gone after its stop. */
import { once } from 'node:events';
import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { mariadbMissing, startMariaDb } from './mariadb.js';
import { natsMissing, startNats } from './nats.js';
import { redisMissing, startRedis } from './redis.js';

const services = [
  { name: 'Redis', missing: redisMissing, start: startRedis },
  { name: 'NATS', missing: natsMissing, start: startNats },
  { name: 'MariaDB', missing: mariadbMissing, start: startMariaDb },
];

for (const { name, missing, start } of services) {
  test.skipIf(missing !== undefined)(`${name} is there and leaves nothing behind`, async () => {
    const { port, stop } = await start();
    const socket = new Socket().connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.destroy();
    await stop();
    const late = new Socket().connect(port, '127.0.0.1');
    await expect(once(late, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
}
