/** Callers, callees and the map, through HTTP on a whole server with a real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../../read/server.fixture.js';
import { access, at, call, recordOf, resourceOfHop, type MadeHop } from '../story.fixture.js';
import { IMPACT_LINES_MAX } from '../limits.js';
import { makeTraffic, routeOf, serviceOf, type Traffic } from './traffic.fixture.js';

let server: TestServer;
let traffic: Traffic;
const DEPTH = 3;

beforeAll(async () => {
  server = await startTestServer();
  traffic = makeTraffic(700, 7);
  for (const [service, records] of traffic.records) {
    const resource = { 'service.name': service, 'service.version': `1.${records.length % 3}.0` };
    await server.send({ producer: service, records, resource });
    await server.client.search({ after: server.token(service, records.length), limit: 1 });
  }
});
afterAll(() => server.stop());

/** What is true of one endpoint, as the answer would say it. */
function truthOf(endpoint: number): { callers: string[]; callees: string[] } {
  const pairs = [...traffic.truth].map((pair) => pair.split('|').map(Number));
  const names = (list: readonly number[][], at: 0 | 2): string[] =>
    [
      ...new Set(list.map((pair) => `${pair[1]} ${serviceOf(pair[at] ?? 0)} ${routeOf(pair[at] ?? 0)}`)),
    ].toSorted();
  const near = pairs.filter(([, depth = 0]) => depth <= DEPTH);
  return {
    callers: names(
      near.filter(([, , below]) => below === endpoint),
      0,
    ),
    callees: names(
      near.filter(([above]) => above === endpoint),
      2,
    ),
  };
}

describe('GET /api/impact', () => {
  test('50 services, 500 endpoints, decoys: every caller and callee, and no other', async () => {
    let checked = 0;
    for (let endpoint = 0; endpoint < 500; endpoint += 25) {
      const answer = await server.client.impact({
        service: serviceOf(endpoint),
        route: routeOf(endpoint),
        depth: DEPTH,
      });
      const names = (list: typeof answer.callers): string[] =>
        [...new Set(list.map(({ depth, service, route }) => `${depth} ${service} ${route}`))].toSorted();
      expect({ callers: names(answer.callers), callees: names(answer.callees) }).toEqual(truthOf(endpoint));
      checked += answer.callers.length + answer.callees.length;
    }
    expect(checked).toBeGreaterThan(500);
  });

  test('says the way, how much, when last and in which versions', async () => {
    const pair = [...traffic.truth]
      .map((each) => each.split('|').map(Number))
      .find(([, depth]) => depth === 2);
    const [above = 0, , endpoint = 0] = pair ?? [];
    const answer = await server.client.impact({
      service: serviceOf(endpoint),
      route: routeOf(endpoint),
      depth: 2,
    });
    const caller = answer.callers.find(({ depth, route }) => depth === 2 && route === routeOf(above));
    expect(caller?.calls).toBeGreaterThan(0);
    expect(caller?.versions).toHaveLength(1);
    expect(caller?.last_seen).toMatch(/^2026-11-21T/);
    const direct = answer.callers.filter(({ depth }) => depth === 1).map(({ route }) => route);
    expect(direct).toContain(caller?.via.route);
    expect(answer.sample).toBe(1);
  });

  test('more callees than an answer names are cut, the most called stay, and it is said', async () => {
    // No trace may be larger than what is followed, so that they come in several.
    const inTrace = 2_600;
    const records = [1, 2, 3, 4].flatMap((trace) => {
      const common = { service: 'wide', trace: `${trace}`.repeat(32), start: 0, duration: 1 };
      const callees = Array.from({ length: inTrace }, (_, index) => {
        const number = trace * inTrace + index;
        const route = index === 0 ? '/often' : `/wide${number}`;
        return access({ ...common, span: `c${number}`, parent: `root${trace}`, route });
      });
      return [access({ ...common, span: `root${trace}`, route: '/root' }), ...callees];
    });
    const rows = records.map((hop, index) => recordOf(hop, index + 1));
    await server.send({ producer: 'wide', records: rows, resource: { 'service.name': 'wide' } });
    await server.client.search({ after: server.token('wide', rows.length), limit: 1 });
    const answer = await server.client.impact({ service: 'wide', route: '/root', depth: 1 });
    expect(answer).toMatchObject({ calls: 4, traces: 4, sample: 1, truncated: true });
    expect(answer.callees).toHaveLength(IMPACT_LINES_MAX);
    expect(answer.callees[0]).toMatchObject({ route: '/often', calls: 4, traces: 4 });
    // Named from below, it has its one caller, and nothing was cut.
    const often = await server.client.impact({ service: 'wide', route: '/often', depth: 1 });
    expect(often).toMatchObject({ calls: 4, truncated: false, callers: [{ route: '/root', calls: 4 }] });
  });

  test('an endpoint that nobody called has none, and is no error; another project sees nothing', async () => {
    const asked = { service: 'nobody', route: '/x' };
    expect(await server.client.impact(asked)).toMatchObject({
      calls: 0,
      callers: [],
      callees: [],
      orphans: 0,
    });
    const other = await server.clientOf('elsewhere');
    const there = { service: serviceOf(0), route: routeOf(0) };
    expect((await other.impact(there)).callers).toEqual([]);
  });
});

describe('GET /api/map', () => {
  const hour = 3_600_000;
  const hops = (start: number, status: number): MadeHop[] => [
    access({
      service: 'front',
      span: 'f1',
      trace: `map${start}`,
      start,
      duration: 100,
      status,
      route: '/buy',
    }),
    call({ service: 'front', span: 'c1', parent: 'f1', trace: `map${start}`, start, duration: 80, status }),
    access({
      service: 'back',
      span: 'b1',
      parent: 'c1',
      trace: `map${start}`,
      start,
      duration: 60,
      status,
      route: '/pay',
    }),
    {
      service: 'back',
      span: 'q1',
      parent: 'b1',
      trace: `map${start}`,
      start,
      duration: 40,
      attributes: { 'span.kind': 'client', 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
    },
    call({
      service: 'back',
      span: 'x1',
      parent: 'b1',
      trace: `map${start}`,
      start,
      duration: 10,
      to: 'mail.example',
    }),
  ];

  test('shows services, the calls between them, databases and others, now against before', async () => {
    const made = [...hops(-2 * hour, 200), ...hops(-hour / 2, 200), ...hops(-hour / 2 + 5, 500)];
    for (const service of ['front', 'back']) {
      const own = made.filter((hop) => hop.service === service);
      const records = own.map((hop, index) => recordOf(hop, index + 1));
      await server.send({ producer: `map-${service}`, records, resource: resourceOfHop(own[0] as MadeHop) });
      await server.client.search({ after: server.token(`map-${service}`, own.length), limit: 1 });
    }
    const map = await server.client.map({ from: at(-hour), to: at(-1), before_from: at(-3 * hour) });
    expect(
      map.edges.map(({ from, to, now, before }) => [from, to, now.requests, now.errors, before?.requests]),
    ).toEqual([
      ['back', 'database postgresql shop', 2, 0, 1],
      ['back', 'external mail.example', 2, 0, 1],
      ['front', 'back', 2, 1, 1],
    ]);
    expect(map.services.map(({ name, type, now }) => [name, type, now.requests, now.time_ms])).toEqual([
      ['front', 'service', 2, 200],
      ['back', 'service', 2, 120],
      ['database postgresql shop', 'database', 2, 80],
      ['external mail.example', 'external', 2, 20],
    ]);
    expect(map.services[0]?.now).toMatchObject({ error_share: 0.5, p50_ms: 100 });
  });
});
