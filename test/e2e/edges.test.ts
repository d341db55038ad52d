/**
 * The ready configuration for nginx and HAProxy, as the guide has it, in the real programs: they continue the trace, have a
 * span of their own, and say how many upstreams they tried for a request.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { haproxy, nginx, startHaproxy, startNginx } from '../lib/edges.js';
import { cli, Program } from '../lib/programs.js';
import { freePort, startTestServer, type SearchRecord, type TestServer } from '../lib/server.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), 'fixtures', 'node');
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

let server: TestServer;
let folder: string;
let syslogPort: number;
let servicePort: number;
const programs: Program[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-edges-'));
  syslogPort = await freePort();
  server = await startTestServer({ SILLOK_SYSLOG_PORT: String(syslogPort) });
  const service = new Program(process.execPath, [join(fixtures, 'express.mjs')], {
    SILLOK_URL: server.url,
    SILLOK_KEY: server.key,
    SILLOK_SPOOL_DIR: join(folder, 'spool'),
  });
  programs.push(service);
  servicePort = Number((await service.printed(/^(\d+)$/m))[1]);
});
afterAll(async () => {
  for (const program of programs.toReversed()) await program.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

function headers(trace: string): Record<string, string> {
  return { traceparent: `00-${trace}-${CALLER}-01`, 'user-agent': 'shop-test "quoted"' };
}

/** The hop of the edge and that of the service behind it, once both are there. */
async function hopsOf(trace: string): Promise<{ edge: SearchRecord; service: SearchRecord }> {
  const found = await server.waitFor({ q: `trace_id:${trace} kind:access`, from: '-1h' }, 2);
  const isEdge = (record: SearchRecord): boolean => JSON.stringify(record.attributes).includes('"edge"');
  const edge = found.find(isEdge);
  const service = found.find((record) => !isEdge(record));
  if (edge === undefined || service === undefined) throw new Error(JSON.stringify(found));
  return { edge, service };
}

test.skipIf(nginx === undefined)(
  'nginx: a retry is counted, and both hops are of one trace (needs nginx)',
  async () => {
    const port = await freePort();
    const dead = await freePort();
    const edge = await startNginx({ folder, port, upstreams: [dead, servicePort] });
    programs.push(edge.program);
    const state = ['--state', join(folder, 'state')];
    programs.push(cli(server, ['ship', '--follow', edge.log, '--service', 'edge', ...state]));
    // nginx takes its upstreams in turn: of two requests one meets the dead one first.
    const traces = [TRACE, `${TRACE.slice(0, -1)}7`];
    for (const trace of traces) {
      const answer = await fetch(`${edge.url}/orders/7?code=once`, { headers: headers(trace) });
      expect(answer.status).toBe(200);
    }
    const hops = await Promise.all(traces.map(hopsOf));
    const retried = hops.find((hop) => upstreamOf(hop.edge).attempts === 2);
    expect(retried && upstreamOf(retried.edge)).toMatchObject({
      attempts: 2,
      addresses: [`127.0.0.1:${dead}`, `127.0.0.1:${servicePort}`],
      statuses: [502, 200],
      durations_ms: [expect.any(Number), expect.any(Number)],
    });
    for (const hop of hops) expectChain(hop);
    expect(JSON.stringify(hops)).not.toContain('once');

    // An old client speaks B3, another none at all.
    const b3 = { 'x-b3-traceid': '463ac35c9f6413ad', 'x-b3-spanid': CALLER };
    await fetch(`${edge.url}/orders/8`, { headers: b3 });
    const old = await hopsOf('0000000000000000463ac35c9f6413ad');
    expectChain(old);
    expect(old.edge.attributes).toMatchObject({ trace: { alias: { b3: '463ac35c9f6413ad' } } });
    await fetch(`${edge.url}/orders/9`);
    const [fresh] = await server.waitFor({ q: 'service.name:edge url.path:/orders/9', from: '-1h' }, 1);
    expect(fresh).toMatchObject({ trace_id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(fresh).not.toHaveProperty('parent_span_id');
  },
);

test.skipIf(haproxy === undefined)('HAProxy: over syslog, with the retry (needs haproxy)', async () => {
  const port = await freePort();
  const dead = await freePort();
  const edge = await startHaproxy({ folder, port, upstreams: [dead, servicePort], syslogPort });
  programs.push(edge.program);
  const trace = `${TRACE.slice(0, -1)}a`;
  const answer = await fetch(`${edge.url}/orders/7?code=once`, { headers: headers(trace) });
  expect(answer.status).toBe(200);
  const hop = await hopsOf(trace);
  expectChain(hop);
  // HAProxy names the last server only.
  const { attempts, addresses, statuses } = upstreamOf(hop.edge);
  expect(attempts).toBeGreaterThanOrEqual(2);
  expect(addresses?.at(-1)).toBe(`127.0.0.1:${servicePort}`);
  expect(statuses?.at(-1)).toBe(200);
  expect(hop.edge).toMatchObject({
    resource: { 'service.name': 'haproxy' },
    attributes: { user_agent: { original: 'shop-test "quoted"' }, edge: { upstream: { name: 'gateway' } } },
  });
  expect(JSON.stringify(hop)).not.toContain('once');

  const none = await fetch(`${edge.url}/orders/7`, { headers: { traceparent: 'nonsense' } });
  expect(none.status).toBe(200);
});

interface UpstreamFields {
  readonly attempts?: number;
  readonly addresses?: readonly (string | null)[];
  readonly statuses?: readonly (number | null)[];
  readonly durations_ms?: readonly (number | null)[];
}

function upstreamOf(record: SearchRecord): UpstreamFields {
  // The answer's attributes are nested as the contract of edge records says.
  const edge = record.attributes['edge'] as { readonly upstream?: UpstreamFields } | undefined;
  return edge?.upstream ?? {};
}

/** Caller → edge → service. */
function expectChain({ edge, service }: { edge: SearchRecord; service: SearchRecord }): void {
  expect(edge).toMatchObject({ parent_span_id: CALLER, span_id: expect.stringMatching(/^[0-9a-f]{16}$/) });
  expect(service).toMatchObject({ parent_span_id: (edge as { span_id?: string }).span_id });
  const request = edge.attributes['http'];
  expect(request).toMatchObject({ request: { method: 'GET' }, response: { status_code: 200 } });
}
