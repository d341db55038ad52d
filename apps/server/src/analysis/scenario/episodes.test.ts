import { expect, test } from 'vitest';
import { access, at, rowsOf, TRACE, type MadeHop } from '../story.fixture.js';
import { foldFiles, tellTrace } from './episodes.js';

test('a request whose record was put down late still comes before what it asked for', () => {
  const late = access({ service: 'gateway', span: 'g', start: 30, duration: 40, status: 500 });
  const call = {
    service: 'gateway',
    span: 'c',
    parent: 'g',
    start: 23,
    duration: 30,
    more: { 'span.kind': 'client' },
  };
  const reached = access({ service: 'login', span: 'l', parent: 'c', start: 24, duration: 28, status: 500 });
  const { steps } = tellTrace(TRACE, { nodes: rowsOf([call, reached, late]), entries: [] }, []);
  const inTime = steps.toSorted((left, right) =>
    left.time < right.time ? -1 : left.time > right.time ? 1 : 0,
  );
  expect(inTime.map(({ span_id: span, depth }) => [span, depth])).toEqual([
    ['g', 0],
    ['c', 1],
    ['l', 2],
  ]);
});

test('what a page fetches for itself is a step of the page; a file that failed is told by itself', () => {
  const one = (trace: string, hops: readonly MadeHop[]) =>
    tellTrace(trace, { nodes: rowsOf(hops), entries: [] }, []);
  const view = { 'event.name': 'browser.page_view', 'url.path': '/cart' } as const;
  const page = one('page', [
    access({ service: 'web', span: 'p', start: 0, route: '/cart' }),
    { service: 'page', span: 'v', parent: 'p', kind: 'event', start: 20, more: view },
  ]);
  const file = (start: number, route: string, status = 200) =>
    one(`${route} ${start}`, [access({ service: 'web', span: 'f', start, duration: 5, route, status })]);
  const told = foldFiles([
    file(40, '/cart.js'),
    page,
    file(50, '/a.CSS'),
    file(60, '/b.png', 500),
    file(11_000, '/c.js'),
  ]);
  expect(told.map(({ episode, steps }) => [episode.sentence.ko.split(' — ')[0], steps.length])).toEqual([
    ['‘/cart’ 화면 열기', 4],
    ['GET /b.png 요청 실패', 1],
    ['GET /c.js 요청', 1],
  ]);
  expect(told[0]?.episode.end).toBe(at(55));
});
