/** The commands that draw answers from many records, against a real server. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../running-server.case.js';

let server: TestServer;
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const at = (ms: number): string =>
  new Date(Date.parse('2026-11-21T05:05:00.000Z') + ms).toISOString().replace('Z', '000000Z');

async function send(service: string, records: readonly object[], host = 'h1'): Promise<void> {
  const header = {
    sillok: 1,
    producer: service,
    boot: 'b1',
    resource: { 'service.name': service, 'service.version': '1.0.0', 'host.name': host },
  };
  const lines = records.map((record, index) =>
    JSON.stringify({ seq: index + 1, kind: 'access', level: 'info', ...record }),
  );
  const answer = await server.client.postRecords([JSON.stringify(header), ...lines, ''].join('\n'));
  expect(answer.rejected).toEqual([]);
}

const http = (route: string, status: number): object => ({
  message: `POST ${route} ${status}`,
  level: status >= 500 ? 'error' : 'info',
  attributes: {
    http: { request: { method: 'POST' }, route, response: { status_code: status } },
    url: { path: route },
  },
});
const client = (target: string, more: object): object => ({
  kind: 'span',
  level: 'error',
  message: 'POST',
  attributes: { span: { kind: 'client' }, server: { address: target }, ...more },
});

beforeAll(async () => {
  server = await startTestServer();
  const ids = { trace_id: TRACE, user_hash: 'u-kim', global_trace_id: 'g1' };
  await send('gateway', [
    { ...http('/login/kakao', 502), ...ids, time: at(3000), span_id: 's1', duration_ms: 3000 },
    {
      ...client('auth', { error: { type: 'TimeoutError' } }),
      ...ids,
      time: at(10),
      span_id: 'c1',
      parent_span_id: 's1',
      duration_ms: 2980,
    },
    {
      kind: 'log',
      level: 'error',
      message: 'auth did not answer\u001b[2J',
      ...ids,
      time: at(2995),
      span_id: 's1',
    },
    ...Array.from({ length: 30 }, (_unused, index) => ({
      ...http('/login/kakao', index % 2 === 0 ? 200 : 502),
      time: at(10_000 + index),
      span_id: `x${index}`,
      trace_id: index.toString(16).padStart(32, 'b'),
      attributes: {
        http: {
          request: { method: 'POST' },
          route: '/login/kakao',
          response: { status_code: index % 2 === 0 ? 200 : 502 },
        },
        cache: { node: index % 2 === 0 ? 'n1' : 'n2' },
      },
    })),
  ]);
  await send('orders', [
    {
      ...http('/orders', 200),
      time: at(20_000),
      trace_id: 'd'.repeat(31) + '1',
      span_id: 'o1',
      duration_ms: 9,
    },
    {
      ...client('pay', {}),
      time: at(19_995),
      trace_id: 'd'.repeat(31) + '1',
      span_id: 'o2',
      parent_span_id: 'o1',
      duration_ms: 2,
    },
    {
      ...client('pay', { http: { request: { resend_count: 1 } } }),
      time: at(19_998),
      trace_id: 'd'.repeat(31) + '1',
      span_id: 'o3',
      parent_span_id: 'o1',
      duration_ms: 1,
    },
  ]);
  await send('pay', [
    {
      ...http('/pay', 503),
      time: at(19_997),
      trace_id: 'd'.repeat(31) + '1',
      span_id: 'p1',
      parent_span_id: 'o2',
      duration_ms: 1,
    },
    {
      ...http('/pay', 200),
      time: at(19_999),
      trace_id: 'd'.repeat(31) + '1',
      span_id: 'p2',
      parent_span_id: 'o3',
      duration_ms: 0.5,
    },
  ]);
  await server.found('level:error');
});
afterAll(() => server.close());

describe('answers on a terminal', () => {
  test('person: the failure in a sentence, with its steps, in the language asked for', async () => {
    const { out, exitCode } = await server.run(['person', 'u-kim', '--lang', 'ko', '--others']);
    expect(exitCode).toBe(0);
    expect(out).toContain('카카오 로그인 실패 — 인증 서버가 응답하지 않음');
    expect(out).toContain('게이트웨이 서버가 인증 서버를 호출 — 실패 (TimeoutError)');
    expect(out).toContain('Others: 1 person');
    // oxlint-disable-next-line no-control-regex -- that is what is looked for
    expect(out).not.toMatch(/\u001b/);
    expect((await server.run(['person', 'u-kim'])).out).toContain(
      'Kakao login failed — the auth service did not answer',
    );
  });

  test('person: nobody is said to be nobody', async () => {
    const nobody = await server.run(['person', 'u-nobody']);
    expect(nobody).toMatchObject({ exitCode: 0, err: expect.stringContaining('support code') });
    expect(nobody.out).toContain('No record of this person');
    expect((await server.run(['person', 'u-nobody', '--lang', 'ko'])).out).toContain('기록이 없습니다');
    expect(await server.run(['person', ' '])).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('e-mail'),
    });
  });

  test('why, impact: a search or an endpoint that finds nothing is said to, with what to try', async () => {
    expect((await server.run(['why', 'service.name:nothing'])).out).toContain('finds nothing');
    expect((await server.run(['impact', 'nosuch', '/x'])).err).toContain('sillok map');
  });

  test('trace: by a span id, as a tree with its logs; --json is the whole answer', async () => {
    const { out } = await server.run(['trace', 'c1']);
    expect(out).toContain(`trace ${TRACE}`);
    expect(out).toContain('✗ the auth service did not answer (dependency: timeout)');
    expect(out.indexOf('→ gateway POST /login/kakao 502')).toBeLessThan(out.indexOf('↗ gateway POST auth'));
    expect(out).toContain('auth did not answer␛[2J');
    const { json } = await server.run(['trace', TRACE, '--json']);
    expect(json().nodes).toHaveLength(2);
    const { exitCode, err } = await server.run(['trace', 'nothing']);
    expect([exitCode === 0, err]).toEqual([false, expect.stringContaining('nothing')]);
  });

  test('trace: a clock that is ahead is put back and said to be, or left as it is; a parent without a record is shown', async () => {
    const trace = 'e'.repeat(32);
    const hop = (span: string, parent: string): object => ({
      trace_id: trace,
      span_id: span,
      parent_span_id: parent,
    });
    await send('front', [
      { ...http('/buy', 200), ...hop('f1', 'nobody'), time: at(100), duration_ms: 100 },
      { ...client('back', {}), ...hop('f2', 'f1'), time: at(10), duration_ms: 80, level: 'info' },
    ]);
    const ahead = { time: at(5080), duration_ms: 60 };
    await send('back', [{ ...http('/pay', 200), ...hop('b1', 'f2'), ...ahead }], 'h2');
    await server.found(`trace_id:${trace} service.name:back`);
    const { out, err } = await server.run(['trace', trace]);
    expect(out).toMatch(/back POST \/pay 200 .* 60 ms clock \+\d+ ms/);
    expect(out).toContain('? no record of this parent');
    expect(err).toContain('Clocks differ; times are corrected. --no-skew shows them as recorded.');
    expect(err).toContain('1 parent without a record');
    const asRecorded = await server.run(['trace', trace, '--no-skew']);
    expect(asRecorded.out).not.toContain('clock +');
    expect(asRecorded.err).not.toContain('Clocks differ');
    // For whom the answer waited, service by service.
    expect(out).toMatch(/service +version +hops +failed +own ms +waited for ms\n(.*\n)*back +1\.0\.0 +1 +0/);
  });

  test('retries: the verdict with its evidence, or that nothing was sent twice', async () => {
    const { out } = await server.run(['retries', 'o1', '--lang', 'en']);
    expect(out).toContain(
      'the payment service took payment 2 times: the calling service sent it again after a failure',
    );
    expect(out).toContain('+1 service_retry');
    expect(out).toContain('http.request.resend_count=1');
    expect((await server.run(['retries', TRACE])).out).toContain('Nothing was sent twice among 1 request');
  });

  test('why: the value that tells them apart, and how to leave it out', async () => {
    const q = 'http.route:/login/kakao http.response.status_code:502';
    const { out, err } = await server.run(['why', q, '--base', 'http.route:/login/kakao']);
    expect(out).toMatch(/cache\.node = n2 +█+/);
    expect(err).toContain('--except "cache.node:n2"');
  });

  test('impact, map, errors and patterns answer in tables and lines', async () => {
    expect((await server.run(['impact', 'pay', '/pay'])).out).toMatch(/1 +orders POST \/orders +1/);
    expect((await server.run(['map', '--from', '2026-11-21', '--to', '2026-11-22'])).out).toMatch(
      /orders +pay +2/,
    );
    expect((await server.run(['trends'])).out).toContain('p95 now');
    expect((await server.run(['errors'])).out).toContain('gateway');
    expect((await server.run(['patterns', 'kind:access'])).out).toContain('POST /login/kakao *');
  });
});
