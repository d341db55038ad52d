/**
 * One request through everything that a Node service touches: a gateway, a service, PostgreSQL, NATS, a consumer. All of it is one
 * tree: each record's parent is there, from the first span to the statement in the database's own log.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, headers } from '@nats-io/transport-node';
import { withTrace } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import { instrumentNats, natsMessage } from '@sillok/node/messaging';
import { instrumentOutgoing } from '@sillok/node/outgoing';
import { instrumentPg } from '@sillok/node/sql';
import { createTestLog } from '@sillok/node/test';
import type { Envelope } from '@sillok/record';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { natsMissing, startNats, type Nats } from '../lib/nats.js';
import { postgresMissing, startPostgres, type Postgres } from '../lib/postgres.js';

const missing = postgresMissing ?? natsMissing;

describe.skipIf(missing !== undefined)(
  `the whole path (${missing ?? 'PostgreSQL and NATS are there'})`,
  () => {
    const { log, records, logged } = createTestLog();
    const ends: (() => unknown)[] = [];
    let postgres: Postgres;
    let nats: Nats;

    beforeAll(async () => {
      [postgres, nats] = await Promise.all([startPostgres({ log_min_duration_statement: '0' }), startNats()]);
    });
    afterAll(async () => {
      for (const end of ends.reverse()) await end();
      await postgres?.stop();
      await nats?.stop();
    });

    async function serve(handle: () => Promise<string>): Promise<string> {
      const handler = sillokHttp(
        (_request, response) => {
          handle().then(
            (text) => response.end(text),
            () => response.writeHead(500).end(),
          );
        },
        { log },
      );
      const server: Server = createServer(handler);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ends.push(() => {
        server.closeAllConnections();
        server.close();
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // it listens
    }

    test('from the first span to the SQL statement and the message, everything is one tree', async () => {
      ends.push(instrumentOutgoing({ log }), instrumentPg(pg, { log, comments: true }));
      const pool = new pg.Pool({ connectionString: postgres.url, max: 2 });
      pool.on('error', () => undefined);
      const connection = await connect({ servers: nats.url });
      instrumentNats(connection, { headers, log });
      ends.push(
        () => pool.end(),
        () => connection.close(),
      );
      connection.subscribe('orders.paid', {
        callback: (_error, message) =>
          natsMessage(message, () => log.span('send the mail', () => log.info('mailed')), { log }),
      });
      const service = await serve(async () => {
        await log.span('charge', () => pool.query('SELECT 7 AS paid'));
        connection.publish('orders.paid', '7');
        return 'paid';
      });
      const gateway = await serve(async () => (await fetch(`${service}/orders/7/pay`)).text());

      const answer = await withTrace({ baggage: 'sillok.global_trace_id=story-7' }, () =>
        log.span('click', async () => (await fetch(`${gateway}/pay`)).text()),
      );
      expect(answer).toBe('paid');
      await logged({ message: 'process orders.paid' });
      await logged((record) => record.kind === 'access' && record.attributes['url'] !== undefined);

      const tree = records((record) => record.kind === 'span' || record.kind === 'access');
      const byId = new Map(tree.map((record) => [record.span_id, record]));
      const click = tree.find(({ message }) => message === 'click');
      const parents = (record: Envelope): string[] => {
        const above = byId.get(record.parent_span_id ?? '');
        return above === undefined ? [record.message] : [record.message, ...parents(above)];
      };
      const call = ['GET /orders/7/pay 200', 'GET /orders/7/pay', 'GET /pay 200', 'GET /pay', 'click'];
      const pathOf = (message: string): string[] => {
        const record = tree.find((each) => each.message === message);
        return record === undefined ? [] : parents(record);
      };
      expect(pathOf('SELECT')).toEqual(['SELECT', 'charge', ...call]);
      expect(pathOf('send the mail')).toEqual([
        'send the mail',
        'process orders.paid',
        'send orders.paid',
        ...call,
      ]);
      for (const record of tree) {
        expect([record.trace_id, byId.size]).toEqual([click?.trace_id, tree.length]);
      }
      const statement = tree.find(({ message }) => message === 'SELECT');
      expect(postgres.output()).toContain(`00-${statement?.trace_id}-${statement?.span_id}`);
      expect(records({ message: 'mailed' })[0]?.trace_id).toBe(click?.trace_id);
    });
  },
);
