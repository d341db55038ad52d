/**
 * "Send only my requests to my copies of orders and payments": a real nginx at the edge and between services, 1,000 requests of
 * which 100 carry a good rule. The service between is one that knows nothing of Sillok and hands its headers on.
 *
 *     client → nginx → gateway → nginx → orders | orders copy → nginx → stock → nginx → payments | payments copy
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Envelope } from '@sillok/record';
import { createPseudonyms, signRoute, mastersOf, parseKeyFile, withNewEpoch } from '@sillok/record/personal';
import { outgoingHeaders } from '@sillok/node';
import { sillokHttp } from '@sillok/node/http';
import { createTestLog, type TestLog } from '@sillok/node/test';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nginx, startProxy } from '../lib/nginx-proxy.js';
import { runCli, type Program } from '../lib/programs.js';
import { freePort, startTestServer, until, type TestServer } from '../lib/server.js';

const REQUESTS = 1_000;
const SIGNED_EVERY = 10;
const AT_ONCE = 20;

interface Service {
  readonly name: string;
  readonly version: string;
  readonly testLog: TestLog;
  readonly port: number;
  readonly server: Server;
}

let server: TestServer;
let folder: string;
let proxyPort: number;
let proxy: Program | undefined;
const services: Service[] = [];
let betweenSeen = 0;
let between: Server;
let good = '';

/** The server's own keys, as services are given them. */
const keysPath = (): string => join(server.dataDirectory, 'identity', 'keys.json');
const named = (name: string, version: string): Service => {
  const found = services.find((each) => each.name === name && each.version === version);
  if (found === undefined) throw new Error(`there is no ${name} ${version}`);
  return found;
};

/** A service of ours; `next` is what it calls, through the proxy. */
async function startService(name: string, version: string, next: string | undefined): Promise<void> {
  const identity = { keys: keysPath() };
  const testLog = createTestLog({ service: name, version, identity });
  const { log } = testLog;
  const handler = async (_request: unknown, response: { end(text: string): void }): Promise<void> => {
    if (next === undefined) return response.end('done');
    const headers = outgoingHeaders({ host: '127.0.0.1' }, log.runtime.propagation);
    response.end(await (await fetch(`http://127.0.0.1:${proxyPort}/${next}`, { headers })).text());
  };
  const http = createServer(sillokHttp(handler, { log }));
  services.push({ name, version, testLog, server: http, port: await listen(http) });
}

/** Knows no Sillok: it hands on what a tracing library of another maker would. */
async function startBetween(): Promise<number> {
  between = createServer((request: IncomingMessage, response) => {
    betweenSeen += 1;
    const { traceparent = '', baggage = '' } = request.headers;
    const headers = {
      traceparent: String(traceparent),
      ...(baggage === '' ? {} : { baggage: String(baggage) }),
    };
    void fetch(`http://127.0.0.1:${proxyPort}/payments`, { headers })
      .then((answer) => answer.text())
      .then((text) => response.end(text));
  });
  return listen(between);
}

async function listen(http: Server): Promise<number> {
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = http.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const addressOf = (name: string, version: string): string => `127.0.0.1:${named(name, version).port}`;

beforeAll(async () => {
  if (nginx === undefined) return;
  folder = mkdtempSync(join(tmpdir(), 'sillok-route-'));
  server = await startTestServer();
  proxyPort = await freePort();
  await startService('gateway', '1.0.0', 'orders');
  await startService('orders', '1.0.0', 'stock');
  await startService('orders', 'fix-42', 'stock');
  await startService('payments', '1.0.0', undefined);
  await startService('payments', 'fix-9', undefined);
  const stockPort = await startBetween();
  const written = await runCli(server, [
    ...['route', 'write', '--for', 'nginx', '--dir', dirname(keysPath())],
    ...[
      '--copy',
      `orders=fix-42@${addressOf('orders', 'fix-42')}`,
      `payments=fix-9@${addressOf('payments', 'fix-9')}`,
    ],
    ...['--default', `orders@${addressOf('orders', '1.0.0')}`, `payments@${addressOf('payments', '1.0.0')}`],
  ]);
  expect(written.code, written.output).toBe(0);
  const created = await runCli(server, [
    'route',
    'create',
    '--to',
    'orders=fix-42',
    'payments=fix-9',
    '--json',
  ]);
  expect(created.code, created.output).toBe(0);
  good = JSON.parse(created.output.split('\n')[0] ?? '').token;
  proxy = await startProxy({
    folder,
    port: proxyPort,
    http: written.output,
    locations: `location /orders { proxy_pass http://$sillok_to_orders; }
    location /payments { proxy_pass http://$sillok_to_payments; }
    location /stock { proxy_pass http://127.0.0.1:${stockPort}; }
    location / { proxy_pass http://${addressOf('gateway', '1.0.0')}; }`,
  });
});

afterAll(async () => {
  if (nginx === undefined) return;
  await proxy?.stop();
  for (const each of [...services.map((service) => service.server), between]) {
    each.closeAllConnections();
    await new Promise((resolve) => each.close(resolve));
  }
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** Rules that must not route anything: of strangers' keys, changed, ended, cut, and none at all. */
function badRules(): (string | undefined)[] {
  const wanted = { targets: { orders: 'fix-42', payments: 'fix-9' }, seconds: 60 };
  const now = Math.floor(Date.now() / 1000);
  const own = createPseudonyms(mastersOf(parseKeyFile(readFileSync(keysPath(), 'utf8'))));
  const strange = createPseudonyms(mastersOf(parseKeyFile(withNewEpoch([], ''))));
  return [
    undefined,
    signRoute(strange, { ...wanted, nowSeconds: now }).text,
    signRoute(own, { ...wanted, nowSeconds: now - 3600 }).text,
    good.replace(/_(\d{10})_/, (_all, until: string) => `_${Number(until) + 3600}_`),
    good.slice(0, -1),
    good.replace('fix-42', 'fix-43'),
  ];
}

const access = ({ testLog }: Service): Envelope[] => testLog.records({ kind: 'access' });
const count = (name: string, version: string): number => access(named(name, version)).length;

describe.skipIf(nginx === undefined)('a real nginx (needs nginx)', () => {
  test('of 1,000 requests only the signed ones reach the copies, and each hop says which version it was', async () => {
    const bad = badRules();
    let next = 0;
    const send = async (): Promise<void> => {
      for (let index = next++; index < REQUESTS; index = next++) {
        const rule = index % SIGNED_EVERY === 0 ? good : bad[index % bad.length];
        const baggage = rule === undefined ? 'tenant=a' : `tenant=a, sillok.route=${rule},other=1`;
        const answer = await fetch(`http://127.0.0.1:${proxyPort}/`, { headers: { baggage } });
        expect(await answer.text()).toBe('done');
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, send));
    const signed = REQUESTS / SIGNED_EVERY;
    await until('all records are there', 20_000, async () => count('gateway', '1.0.0') === REQUESTS);
    expect(count('orders', 'fix-42')).toBe(signed);
    expect(count('payments', 'fix-9')).toBe(signed);
    expect(count('orders', '1.0.0')).toBe(REQUESTS - signed);
    expect(count('payments', '1.0.0')).toBe(REQUESTS - signed);
    expect(betweenSeen).toBe(REQUESTS);
    const debugged = access(named('gateway', '1.0.0')).filter(
      ({ attributes }) => attributes['route'] !== undefined,
    );
    expect(debugged).toHaveLength(signed);
    for (const { trace_id, attributes } of debugged) {
      const hops = services.flatMap((service) =>
        access(service).filter((record) => record.trace_id === trace_id),
      );
      expect(
        hops
          .map(({ resource }) => `${resource['service.name']} ${resource['service.version']}`)
          .sort(alphabetic),
      ).toEqual(['gateway 1.0.0', 'orders fix-42', 'payments fix-9']);
      for (const hop of hops)
        expect(hop.attributes['route']).toMatchObject({ debug: Object(attributes['route']).debug });
    }
    expect(access(named('orders', 'fix-42'))[0]?.attributes['route']).toEqual({
      debug: good.split('_')[1],
      target: 'fix-42',
    });
    for (const service of ['orders', 'payments']) {
      const others = access(named(service, '1.0.0')).filter(
        ({ attributes }) => attributes['route'] !== undefined,
      );
      expect(others).toEqual([]);
    }
  });

  test('a rule that nobody signed is not handed on by a service that can check it', async () => {
    const before = count('payments', '1.0.0');
    const forged = good.replace('fix-42', 'fix-43');
    await (
      await fetch(`http://127.0.0.1:${proxyPort}/`, { headers: { baggage: `sillok.route=${forged}` } })
    ).text();
    await until('the record is there', 20_000, async () => count('payments', '1.0.0') > before);
    const last = access(named('gateway', '1.0.0')).at(-1);
    expect(last?.attributes['route']).toBeUndefined();
  });
});

function alphabetic(left: string, right: string): number {
  return left < right ? -1 : 1;
}
