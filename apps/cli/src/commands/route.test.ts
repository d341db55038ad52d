/** `sillok route` against a real server; the configuration for nginx is tried on a real one in test/e2e/debug-route.test.ts. */
import { join } from 'node:path';
import { VirtualService } from '@kubernetes-models/istio/networking.istio.io/v1beta1/VirtualService';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { startTestServer } from '../running-server.case.js';
import type { TestServer } from '../running-server.case.js';

let server: TestServer;
let token = '';
beforeAll(async () => {
  server = await startTestServer();
  const made = await server.run([
    'route',
    'create',
    '--to',
    'orders=fix-42',
    'payments=9',
    '--minutes',
    '5',
    '--json',
  ]);
  token = made.json().token;
});
afterAll(() => server.close());

test('a rule that was made is good, in any header that holds it, and is in the audit trail', async () => {
  const verified = await server.run(['route', 'verify', `a=1, sillok.route=${token};p=1,b=2`]);
  expect(verified.exitCode).toBe(0);
  expect(verified.out).toMatch(/^rule [0-9a-f]{10}: orders=fix-42, payments=9, until 20/);
  const forged = await server.run(['route', 'verify', token.replace('fix-42', 'fix-43')]);
  expect(forged).toMatchObject({ exitCode: 1, out: expect.stringContaining('forged') });
  expect((await server.run(['route', 'verify', 'nonsense'])).out).toContain('no rule');
  const id = token.split('_')[1];
  const [entry] = await server.found(`kind:audit audit.action:route.create audit.entity.id:${id}`);
  expect(entry?.message).toContain(`route/${id}`);
});

test('a rule is listed until it is ended; the end is in the audit trail, and the proxy can be told', async () => {
  const args = ['route', 'create', '--to', 'stock=try', '--reason', 'ticket 4711', '--json'];
  const { id, baggage } = (await server.run(args)).json();
  const [session] = (await server.run(['route', 'list', '--json'])).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  // The text is not kept anywhere: it is signed again, and is the same.
  expect(session).toMatchObject({ id, baggage, reason: 'ticket 4711', ended_at: null });
  const ended = await server.run(['route', 'end', id]);
  expect(ended.exitCode).toBe(0);
  expect(ended.out).toMatch(new RegExp(`^rule ${id}: stock=try, until .*, ended 20`));
  const listed = await server.run(['route', 'list', '--json']);
  expect(JSON.parse(listed.out.split('\n')[0] ?? '')).toMatchObject({ id, baggage: null });
  const [entry] = await server.found(`kind:audit audit.action:route.end audit.entity.id:${id}`);
  expect(entry?.message).toContain(`route/${id}`);
  const unknown = await server.run(['route', 'end', 'nosuch']);
  expect(unknown).toMatchObject({ exitCode: 1, err: expect.stringContaining('no such debug session') });
  const written = await server.run([
    ...['route', 'write', '--for', 'nginx', '--copy', 'stock=try@10.0.0.7:80', '--ended', id],
  ]);
  expect(written.out).toContain(String.raw`sillok\.route=1_(?:${id})_" "";`);
});

test('what cannot be signed is refused with what to write', async () => {
  for (const [args, problem] of [
    [['--to', 'orders'], 'SERVICE=VERSION'],
    [['--to', 'orders=1', '--minutes', 'x'], 'whole number'],
    [['--to', 'orders=1', '--minutes', '99999'], 'minutes'],
  ] as const) {
    const refused = await server.run(['route', 'create', ...args]);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.err).toContain(problem);
  }
});

test('Istio sends exactly the requests with this rule to the copy, wherever it stands in baggage', async () => {
  const copies = ['--copy', 'orders=fix-42@orders-fix.dev.svc:8080', 'payments=9@payments-9.dev.svc'];
  const written = await server.run(['route', 'write', '--for', 'istio', '--token', token, ...copies]);
  const [orders, payments] = parseAllDocuments(written.out).map((document) => document.toJS());
  expect(orders).toMatchObject({ kind: 'VirtualService', spec: { hosts: ['orders'] } });
  const [debug, others] = orders.spec.http;
  expect(debug.route).toEqual([{ destination: { host: 'orders-fix.dev.svc', port: { number: 8080 } } }]);
  expect(others).toEqual({ route: [{ destination: { host: 'orders' } }] });
  expect(payments.spec.http[0].route).toEqual([{ destination: { host: 'payments-9.dev.svc' } }]);
  expectExact(debug.match[0].headers.baggage.regex);
  // Istio's own published schema takes both; v1 has the fields of v1beta1. It does refuse what is of another type.
  for (const { metadata, spec } of [orders, payments]) new VirtualService({ metadata, spec }).validate();
  orders.spec.http[0].route[0].destination.port.number = '8080';
  expect(() => new VirtualService(orders).validate()).toThrow('port/number must be integer');
});

test('Envoy gets a route before the others and a cluster for it', async () => {
  const copies = ['--copy', 'orders=fix-42@10.0.0.7:8080'];
  const written = await server.run(['route', 'write', '--for', 'envoy', '--token', token, ...copies]);
  const [routes, clusters] = written.out.split('# clusters:\n');
  const [route] = parse(routes ?? '');
  const [cluster] = parse(clusters ?? '');
  expect(route.route.cluster).toBe('orders_fix-42');
  expect(cluster.name).toBe('orders_fix-42');
  expect(cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address).toEqual({
    address: '10.0.0.7',
    port_value: 8080,
  });
  expectExact(route.match.headers[0].string_match.safe_regex.regex);
});

/** Both match the whole header. */
function expectExact(pattern: string): void {
  const whole = new RegExp(`^(?:${pattern})$`);
  const good = [`sillok.route=${token}`, `a=1,sillok.route=${token}`, `a=1, sillok.route=${token};p=1 , b=2`];
  const bad = [
    '',
    'a=1',
    `xsillok.route=${token}`,
    `sillok.route=${token}x`,
    `sillok.route=${token.replace('fix', 'fax')}`,
  ];
  expect(good.filter((header) => !whole.test(header))).toEqual([]);
  expect(bad.filter((header) => whole.test(header))).toEqual([]);
}

test('a proxy that obeys one rule is not written for a rule that is none', async () => {
  const copy = ['--copy', 'orders=1@a:1'];
  const without = await server.run(['route', 'write', '--for', 'istio', ...copy]);
  expect(without).toMatchObject({ exitCode: 2, err: expect.stringContaining('--token') });
  const forged = await server.run(['route', 'write', '--for', 'envoy', '--token', `${token}x`, ...copy]);
  expect(forged.exitCode).toBe(2);
  const strange = await server.run(['route', 'write', '--for', 'traefik', ...copy]);
  expect(strange.err).toContain('nginx, envoy or istio');
  const injected = await server.run(['route', 'write', '--for', 'nginx', '--copy', 'orders=1@a:1; } evil {']);
  expect(injected).toMatchObject({ exitCode: 2, out: '' });
});

test('nginx is lent a secret that is made where the keys are, and only there', async () => {
  const args = [
    'route',
    'write',
    '--for',
    'nginx',
    '--copy',
    'orders=fix-42@10.0.0.7:8080',
    '--default',
    'orders@10.0.0.6:80',
  ];
  const written = await server.run(args);
  expect(written.out).toContain('upstream orders { server 10.0.0.6:80; }');
  expect(written.out).toContain('upstream orders_fix-42 { server 10.0.0.7:8080; }');
  expect(written.out).toMatch(/secure_link_md5 "\$sillok_route_body [0-9a-f]{32}";/);
  const elsewhere = await server.run([...args, '--dir', join(server.directory, 'nowhere')]);
  expect(elsewhere).toMatchObject({ exitCode: 1, err: expect.stringContaining('--dir') });
});
