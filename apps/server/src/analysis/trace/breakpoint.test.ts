import { describe, expect, test } from 'vitest';
import { access, call, edge, rowsOf, type MadeHop } from '../story.fixture.js';
import { assemble } from './assemble.js';

const broke = (hops: readonly MadeHop[]) =>
  assemble({ nodes: rowsOf(hops), entries: [], skew: 'on' }).view.broke;

const web = (more: object) =>
  call({
    service: 'web',
    span: 'b1',
    start: 0,
    duration: 100,
    resource: { 'telemetry.sdk.name': 'sillok-browser' },
    ...more,
  } as never);

describe('where it broke', () => {
  test('a service that did not answer, three levels down', () => {
    const hops = [
      web({ status: 502 }),
      access({
        service: 'gateway',
        span: 's1',
        parent: 'b1',
        start: 5,
        duration: 90,
        status: 502,
        route: '/login/kakao',
        method: 'POST',
      }),
      call({
        service: 'gateway',
        span: 'c1',
        parent: 's1',
        start: 10,
        duration: 80,
        to: 'auth.internal',
        error: 'TimeoutError',
      }),
    ];
    expect(broke(hops)).toMatchObject({
      place: 'dependency',
      reason: 'timeout',
      node: 'c1',
      sentence: { ko: '인증 서버가 응답하지 않음', en: 'the auth service did not answer' },
    });
    expect(broke(hops).evidence.map(({ record }) => record?.seq)).toEqual([3, 2, 1]);
  });

  test('the service whose exception it was, not those that passed it on', () => {
    const hops = [
      access({ service: 'gateway', span: 's1', start: 0, duration: 90, status: 500 }),
      call({ service: 'gateway', span: 'c1', parent: 's1', start: 10, duration: 70, status: 500 }),
      access({
        service: 'orders',
        span: 's2',
        parent: 'c1',
        start: 15,
        duration: 60,
        status: 500,
        more: { 'exception.type': 'TypeError' },
      }),
    ];
    expect(broke(hops)).toMatchObject({ place: 'service', reason: 'exception', name: 'orders', node: 's2' });
  });

  test('the database below it', () => {
    const hops = [
      access({ service: 'orders', span: 's1', start: 0, duration: 90, status: 500 }),
      {
        service: 'orders',
        span: 'q',
        parent: 's1',
        start: 10,
        duration: 50,
        level: 'error',
        attributes: { 'span.kind': 'client', 'db.system.name': 'postgresql', 'db.namespace': 'shop' },
      } as const,
    ];
    expect(broke(hops)).toMatchObject({
      place: 'dependency',
      reason: 'database_error',
      name: 'database (postgresql shop)',
    });
  });

  test('the edge that refused, the service that the edge could not reach, the client that left', () => {
    expect(
      broke([edge({ service: 'nginx', span: 'x', start: 0, duration: 1, status: 429, statuses: [] })]),
    ).toMatchObject({ place: 'edge', reason: 'edge_limit' });
    expect(
      broke([
        edge({ service: 'nginx', span: 'x', start: 0, duration: 1, status: 502, statuses: ['502', '502'] }),
      ]),
    ).toMatchObject({ place: 'service', reason: 'refused', name: '10.0.0.2:80' });
    expect(
      broke([
        edge({ service: 'nginx', span: 'x', start: 0, duration: 3000, status: 504, statuses: ['504'] }),
      ]),
    ).toMatchObject({ place: 'service', reason: 'no_answer' });
    expect(
      broke([edge({ service: 'nginx', span: 'x', start: 0, duration: 30, status: 499, statuses: ['-'] })]),
    ).toMatchObject({ place: 'client', reason: 'client_left' });
  });

  test('the client that sent what cannot be taken, and the browser that reached nothing', () => {
    expect(
      broke([access({ service: 'orders', span: 's1', start: 0, duration: 1, status: 422 })]),
    ).toMatchObject({ place: 'client', reason: 'client_request' });
    expect(broke([web({ error: 'TypeError' })])).toMatchObject({ place: 'client', reason: 'client_network' });
  });

  test('a service that answered after its caller had given up', () => {
    const hops = [
      call({ service: 'gateway', span: 'c1', start: 0, duration: 100, error: 'TimeoutError' }),
      access({ service: 'slow', span: 's1', parent: 'c1', start: 5, duration: 900 }),
    ];
    expect(broke(hops)).toMatchObject({ place: 'service', reason: 'too_slow', name: 'slow' });
  });

  test('nobody is blamed where the records do not say: a call failed, and what it called did well and in time', () => {
    const hops = [
      call({ service: 'gateway', span: 'c1', start: 0, duration: 100, error: 'ECONNRESET' }),
      access({ service: 'orders', span: 's1', parent: 'c1', start: 5, duration: 20 }),
    ];
    expect(broke(hops)).toMatchObject({ place: 'undetermined', name: null });
    expect(broke([access({ service: 'orders', span: 's1', start: 0, duration: 1 })])).toMatchObject({
      place: 'nowhere',
    });
  });
});
