/** Traces and stories through HTTP, on a whole server with a real engine. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestServer, type TestServer } from '../read/server.fixture.js';
import { access, at, call, recordOf, resourceOfHop, type MadeHop } from './story.fixture.js';

let server: TestServer;
const PERSON = { user_hash: 'u-kim', session_hash: 's-new', global_trace_id: 'g-1' };
const BROWSER = { 'telemetry.sdk.name': 'sillok-browser' };
const LOGIN = 'a'.repeat(32);
const CART = 'b'.repeat(32);

const hops: MadeHop[] = [
  {
    service: 'web',
    span: 'p1',
    kind: 'event',
    trace: '',
    start: -60_000,
    message: 'page',
    resource: BROWSER,
    more: { 'event.name': 'browser.page_view', 'url.path': '/login', session_hash: 's-old' },
  },
  {
    service: 'web',
    span: 'k1',
    kind: 'event',
    trace: '',
    start: -20,
    message: 'click',
    resource: BROWSER,
    more: { 'event.name': 'browser.click', session_hash: 's-old' },
    attributes: { 'browser.element.name': '카카오 로그인' },
  },
  call({
    service: 'web',
    span: 'b1',
    trace: LOGIN,
    start: 0,
    duration: 3100,
    status: 502,
    to: 'shop.example',
    resource: BROWSER,
    attributes: { 'browser.cause.span_id': 'k1', 'trace.alias.request_id': 'req-77' },
    more: { session_hash: 's-old', 'http.request.method': 'POST', 'url.path': '/login/kakao' },
  }),
  access({
    service: 'gateway',
    span: 's1',
    parent: 'b1',
    trace: LOGIN,
    start: 10,
    duration: 3050,
    status: 502,
    method: 'POST',
    route: '/login/kakao',
  }),
  call({
    service: 'gateway',
    span: 'c1',
    parent: 's1',
    trace: LOGIN,
    start: 20,
    duration: 3000,
    to: 'auth',
    error: 'TimeoutError',
  }),
  {
    service: 'gateway',
    span: 's1',
    kind: 'log',
    trace: LOGIN,
    start: 3030,
    level: 'error',
    message: '인증 서버 시간 초과',
  },
  {
    service: 'auth',
    span: '',
    kind: 'event',
    trace: '',
    start: 60_000,
    message: 'identity.link',
    more: { ...PERSON, 'event.name': 'identity.link' },
    attributes: { 'identity.before.session_hash': 's-old', 'identity.link.reason': 'login' },
  },
  access({
    service: 'gateway',
    span: 't1',
    trace: CART,
    start: 120_000,
    duration: 12,
    route: '/cart',
    more: PERSON,
  }),
  access({
    service: 'gateway',
    span: 'v1',
    trace: 'c'.repeat(32),
    start: 125_000,
    duration: 12,
    route: '/cart',
    more: { session_hash: 's-new', user_hash: 'u-lee' },
  }),
];

beforeAll(async () => {
  server = await startTestServer();
  const { deps } = server.server;
  for (const service of new Set(hops.map((hop) => hop.service))) {
    const own = hops.filter((hop) => hop.service === service);
    const records = own.map((hop, index) => recordOf(hop, index + 1));
    await server.send({ producer: service, records, resource: resourceOfHop(own[0] as MadeHop) });
    await server.client.search({ after: server.token(service, own.length), limit: 1 });
  }
  expect(deps.state.freshness().lag_ms).toBe(0);
});
afterAll(() => server.stop());

describe('GET /api/trace/:id', () => {
  test.each([
    ['its id in capitals', LOGIN.toUpperCase(), 'trace_id'],
    ['a span id', 'c1', 'span_id'],
    ['a request id that came in beside it', 'req-77', 'trace.alias.request_id'],
    ['a traceparent', `00-${LOGIN}-b7ad6b7169203331-01`, 'trace_id'],
  ])('is found by %s', async (_name, id, field) => {
    const trace = await server.client.trace(id);
    expect(trace).toMatchObject({ trace_id: LOGIN, found_by: field, other_traces: [] });
    expect(trace.nodes.map(({ id: node }) => node)).toEqual(['b1', 's1', 'c1']);
  });

  test('has logs in their place, whose it was, where it broke, and says how fresh it is and what it cost', async () => {
    const trace = await server.client.trace(LOGIN);
    expect(trace.entries).toMatchObject([{ node: 's1', level: 'error', message: '인증 서버 시간 초과' }]);
    expect(trace).toMatchObject({ session_hash: 's-old', start: at(0), duration_ms: 3100, missing: [] });
    expect(trace.broke).toMatchObject({ place: 'dependency', node: 'c1' });
    expect(trace.cost.rows_read).toBeGreaterThan(0);
    expect(trace.freshness.lag_ms).toBe(0);
  });

  test('is cut where asked, and says so', async () => {
    const trace = await server.client.trace(LOGIN, { limit: 2 });
    expect(trace.nodes.filter(({ type }) => type !== 'missing')).toHaveLength(2);
    expect(trace.truncated).toEqual({ nodes: true, entries: false });
  });

  test('of another project, and one that is not there, are not found', async () => {
    const other = await server.clientOf('elsewhere');
    await expect(other.trace(LOGIN)).rejects.toMatchObject({ code: 'trace_not_found', status: 404 });
    await expect(server.client.trace('nothing')).rejects.toMatchObject({ code: 'trace_not_found' });
  });
});

describe('GET /api/scenario', () => {
  test('tells the failure first, in a sentence, with what the person clicked before they were signed in', async () => {
    const story = await server.client.scenario({ user_hash: 'u-kim' });
    expect(story.episodes.map(({ sentence, failed }) => [sentence.ko, failed])).toEqual([
      ['카카오 로그인 실패 — 인증 서버가 응답하지 않음', true],
      ['장바구니 조회', false],
      ['같은 사람으로 이어짐', false],
      ['‘/login’ 화면을 엶', false],
    ]);
    expect(story.episodes[0]?.sentence.en).toBe('카카오 로그인 failed — the auth service did not answer');
    expect(story.steps.map(({ sentence }) => sentence.ko)).toEqual([
      '‘/login’ 화면을 엶',
      '‘카카오 로그인’을 누름',
      '화면에서 카카오 로그인 실패 (502)',
      '게이트웨이 서버: 카카오 로그인 실패 (502)',
      '게이트웨이 서버가 인증 서버를 호출 — 실패 (TimeoutError)',
      '인증 서버 시간 초과',
      '같은 사람으로 이어짐',
      '게이트웨이 서버: 장바구니 조회 성공 (12ms)',
    ]);
    expect(story.person).toMatchObject({ user_hashes: ['u-kim'], global_trace_ids: ['g-1'] });
    expect(story.person.session_hashes.toSorted()).toEqual(['s-new', 's-old']);
  });

  test('leaves out what another account did in the same session', async () => {
    const { steps } = await server.client.scenario({ user_hash: 'u-kim' });
    expect(steps.some(({ trace_id: id }) => id === 'c'.repeat(32))).toBe(false);
  });

  test('the search for others finds the same failure', async () => {
    const { episodes } = await server.client.scenario({ user_hash: 'u-kim' });
    const q = episodes[0]?.similar ?? '';
    const { records } = await server.client.search({ q });
    expect(records.map(({ span_id: id }) => id)).toEqual(['c1']);
  });

  test('by scenario: only what was tried under it; newest first when asked', async () => {
    const story = await server.client.scenario({ global_trace_id: 'g-1', order: 'newest' });
    expect(story.episodes.map(({ sentence }) => sentence.en)).toEqual([
      'Cart look-up',
      'Joined with who it was before',
    ]);
  });

  test('keeps what fits, failures first, and says that it was cut', async () => {
    const story = await server.client.scenario({ user_hash: 'u-kim', limit: 4 });
    expect(story.episodes).toHaveLength(1);
    expect(story.truncated).toBe(true);
  });

  test('needs to know whose, and shows nothing across projects', async () => {
    await expect(server.client.scenario({})).rejects.toMatchObject({ code: 'request_invalid' });
    const other = await server.clientOf('elsewhere');
    expect((await other.scenario({ user_hash: 'u-kim' })).steps).toEqual([]);
  });
});
