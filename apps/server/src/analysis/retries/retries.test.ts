/** The rules, one by one, on records as our components write them. What really causes them is driven in test/e2e. */
import { describe, expect, test } from 'vitest';
import { access, call, edge, rowsOf, type MadeHop } from '../story.fixture.js';
import { groupRepeats } from './groups.js';
import { receivedOf } from './route.js';

const BROWSER = { 'telemetry.sdk.name': 'sillok-browser' };
const placeOf = (text: string): { trace: string; span: string; parent: string } => {
  const [trace = '', span = '', parent = ''] = text.split(' ');
  return { trace, span, parent };
};
const MINE = { session_hash: 's1' };

const groups = (hops: readonly MadeHop[]) => groupRepeats(receivedOf(rowsOf(hops)));
const verdicts = (hops: readonly MadeHop[]) =>
  groups(hops).map(({ verdict, received }) => [verdict, received]);

/** Trace and span, with a blank between. */
const click = (place: string, start: number, more: object = {}): MadeHop => ({
  ...placeOf(place),
  service: 'web',
  start,
  kind: 'event',
  resource: BROWSER,
  more: { 'event.name': 'browser.click', ...MINE },
  attributes: { 'browser.element.name': '주문하기', ...more },
});
/** Trace, span and the click that caused it. */
const fetched = (
  place: string,
  start: number,
  more: Partial<MadeHop> & { status?: number; error?: string } = {},
): MadeHop =>
  call({
    ...placeOf(place),
    service: 'web',
    start,
    duration: 50,
    status: 201,
    resource: BROWSER,
    ...more,
    attributes: {
      'browser.cause.span_id': placeOf(place).parent,
      'browser.cause.delay_ms': 3,
      ...more.attributes,
    },
    more: { ...MINE, 'http.request.method': 'POST', 'url.path': '/orders' },
  });
/** Trace, span and parent. */
const took = (place: string, start: number, status = 201): MadeHop =>
  access({
    ...placeOf(place),
    service: 'orders',
    start,
    duration: 20,
    status,
    method: 'POST',
    route: '/orders',
    more: MINE,
  });

describe('who sent it several times', () => {
  test('the person: two clicks, a trace each', () => {
    const hops = [
      click('t1 k1', 0),
      fetched('t1 b1 k1', 5),
      took('t1 s1 b1', 10),
      click('t2 k2', 200),
      fetched('t2 b2 k2', 205),
      took('t2 s2 b2', 210),
    ];
    const [group] = groups(hops);
    expect(group).toMatchObject({ verdict: 'user', received: 2, layers: { actions: 2, client: 2 } });
    expect(group?.causes[0]?.evidence.map(({ record }) => record?.seq)).toEqual([1, 4]);
    expect(group?.sentence.ko).toBe('주문 서버: 주문 2번 — 사용자가 여러 번 누름');
  });

  test('clicks that a script made are the page’s', () => {
    const made = { 'browser.click.synthetic': true };
    const hops = [
      click('t1 k1', 0, made),
      fetched('t1 b1 k1', 5),
      took('t1 s1 b1', 10),
      click('t2 k2', 20, made),
      fetched('t2 b2 k2', 25),
      took('t2 s2 b2', 30),
    ];
    expect(verdicts(hops)).toEqual([['client_bug', 2]]);
  });

  test('the page: one click, two requests, and no failure between them', () => {
    const hops = [
      click('t1 k1', 0),
      fetched('t1 b1 k1', 5),
      took('t1 s1 b1', 10),
      fetched('t1 b2 k1', 6),
      took('t1 s2 b2', 12),
    ];
    expect(verdicts(hops)).toEqual([['client_bug', 2]]);
  });

  test('nobody: long after the click a timer may ask again on purpose', () => {
    const late = { attributes: { 'browser.cause.delay_ms': 2_500 } };
    const hops = [
      click('t1 k1', 0),
      fetched('t1 b1 k1', 5),
      took('t1 s1 b1', 10),
      fetched('t1 b2 k1', 2_500, late),
      took('t1 s2 b2', 2_510),
    ];
    expect(verdicts(hops)).toEqual([['undetermined', 2]]);
  });

  test('the client: it sent again after a failure', () => {
    const hops = [
      click('t1 k1', 0),
      fetched('t1 b1 k1', 5, { status: 503 }),
      took('t1 s1 b1', 10, 503),
      fetched('t1 b2 k1', 1_000),
      took('t1 s2 b2', 1_010),
    ];
    expect(verdicts(hops)).toEqual([['client_retry', 2]]);
  });

  test('the edge: one line with two attempts, two receipts', () => {
    const hops = [
      fetched('t1 b1 ', 0),
      edge({
        service: 'edge',
        span: 'e1',
        parent: 'b1',
        trace: 't1',
        start: 2,
        duration: 45,
        statuses: ['502', '201'],
        status: 201,
        method: 'POST',
      }),
      took('t1 s1 e1', 5),
      took('t1 s2 e1', 25),
    ];
    expect(verdicts(hops)).toEqual([['edge_retry', 2]]);
  });

  test('the edge, whose first attempt no service saw', () => {
    const hops = [
      edge({
        service: 'edge',
        span: 'e1',
        trace: 't1',
        start: 2,
        duration: 45,
        statuses: ['502', '201'],
        status: 201,
        method: 'POST',
      }),
      took('t1 s2 e1', 25),
    ];
    expect(verdicts(hops)).toEqual([['edge_retry', 1]]);
  });

  test('nobody knows, when the same headers came twice and no edge has a record', () => {
    const hops = [fetched('t1 b1 ', 0), took('t1 s1 b1', 5, 502), took('t1 s2 b1', 25)];
    expect(verdicts(hops)).toEqual([['undetermined', 2]]);
    expect(verdicts(hops.slice(1))).toEqual([['undetermined', 2]]);
  });

  test('a client without a record that sent the same headers again after a failure, as two lines of the edge say', () => {
    const hops = [
      edge({ service: 'edge', span: '', parent: 'old', trace: 't1', start: 0, duration: 20, status: 503 }),
      edge({ service: 'edge', span: '', parent: 'old', trace: 't1', start: 500, duration: 20, status: 200 }),
      access({
        service: 'orders',
        span: 's1',
        parent: 'old',
        trace: 't1',
        start: 2,
        duration: 10,
        status: 503,
      }),
      access({ service: 'orders', span: 's2', parent: 'old', trace: 't1', start: 502, duration: 10 }),
    ];
    expect(verdicts(hops)).toEqual([['client_retry', 2]]);
  });

  test('the calling service, by its own count or after a failure; further down it is not told again', () => {
    const hops = (again: Partial<MadeHop>): MadeHop[] => [
      took('t1 s0 ', 0),
      call({ service: 'orders', span: 'c1', parent: 's0', trace: 't1', start: 1, duration: 5, status: 503 }),
      access({
        service: 'pay',
        span: 's1',
        parent: 'c1',
        trace: 't1',
        start: 2,
        duration: 2,
        status: 503,
        route: '/pay',
      }),
      call({ service: 'orders', span: 'c2', parent: 's0', trace: 't1', start: 8, duration: 5, ...again }),
      access({ service: 'pay', span: 's2', parent: 'c2', trace: 't1', start: 9, duration: 2, route: '/pay' }),
      call({ service: 'pay', span: 'd1', parent: 's1', trace: 't1', start: 2.5, duration: 1 }),
      access({
        service: 'bank',
        span: 's3',
        parent: 'd1',
        trace: 't1',
        start: 3,
        duration: 0.2,
        route: '/book',
      }),
      call({ service: 'pay', span: 'd2', parent: 's2', trace: 't1', start: 9.5, duration: 1 }),
      access({
        service: 'bank',
        span: 's4',
        parent: 'd2',
        trace: 't1',
        start: 10,
        duration: 0.2,
        route: '/book',
      }),
    ];
    expect(verdicts(hops({}))).toEqual([['service_retry', 2]]);
    expect(groups(hops({ attributes: { 'http.request.resend_count': 1 } }))[0]).toMatchObject({
      service: 'pay',
    });
  });

  test('calls of a service that did not fail are calls, and other paths are other things', () => {
    const hops = [
      took('t1 s0 ', 0),
      call({ service: 'orders', span: 'c1', parent: 's0', trace: 't1', start: 1, duration: 5 }),
      access({ service: 'pay', span: 's1', parent: 'c1', trace: 't1', start: 2, duration: 2, route: '/pay' }),
      call({ service: 'orders', span: 'c2', parent: 's0', trace: 't1', start: 8, duration: 5 }),
      access({ service: 'pay', span: 's2', parent: 'c2', trace: 't1', start: 9, duration: 2, route: '/pay' }),
    ];
    expect(groups(hops)).toEqual([]);
  });

  const message = (place: string, start: number, more: Record<string, string | number>): MadeHop => ({
    ...placeOf(`t1 ${place}`),
    service: 'worker',
    start,
    duration: 5,
    attributes: { 'span.kind': 'consumer', 'messaging.destination.name': 'mails', ...more },
  });

  test('the queue: the same message, or its own count', () => {
    const sent: MadeHop = {
      service: 'orders',
      span: 'p1',
      trace: 't1',
      start: 0,
      attributes: { 'span.kind': 'producer', 'messaging.destination.name': 'mails' },
    };
    const id = { 'messaging.message.id': 'm1' };
    expect(verdicts([sent, message('r1 p1', 5, id), message('r2 p1', 600_000, id)])).toEqual([
      ['redelivery', 2],
    ]);
    const attempt = { 'messaging.delivery_attempt': 2 };
    expect(verdicts([message('r1 gone', 5, {}), message('r2 gone', 90, attempt)])).toEqual([
      ['redelivery', 2],
    ]);
    expect(verdicts([sent, message('r1 p1', 5, {}), message('r2 p1', 90, {})])).toEqual([
      ['undetermined', 2],
    ]);
  });

  test('two reasons at once are both counted', () => {
    const both = (trace: string, kick: string, start: number): MadeHop[] => [
      click(`${trace} ${kick}`, start),
      fetched(`${trace} b${trace} ${kick}`, start + 5),
      edge({
        service: 'edge',
        span: `e${trace}`,
        parent: `b${trace}`,
        trace,
        start: start + 6,
        duration: 40,
        statuses: ['502', '201'],
        status: 201,
        method: 'POST',
      }),
      took(`${trace} x${trace} e${trace}`, start + 8),
      took(`${trace} y${trace} e${trace}`, start + 20),
    ];
    const hops = [...both('t1', 'k1', 0), ...both('t2', 'k2', 200)];
    const [group] = groups(hops);
    expect(group).toMatchObject({
      received: 4,
      verdict: 'edge_retry',
      layers: { actions: 2, client: 2, edge: 4 },
    });
    expect(group?.causes.map(({ verdict, extra }) => [verdict, extra])).toEqual([
      ['edge_retry', 2],
      ['user', 1],
    ]);
  });

  test('the same of another person, and long after, is another thing', () => {
    const other = {
      ...took('t2 s2 ', 10),
      more: { ...took('t2 s2 ', 10).more, session_hash: 's2' },
    };
    expect(groups([took('t1 s1 ', 0), other])).toEqual([]);
    expect(groups([took('t1 s1 ', 0), took('t2 s2 ', 60_000)])).toEqual([]);
  });
});
