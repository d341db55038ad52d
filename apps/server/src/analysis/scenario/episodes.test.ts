import { expect, test } from 'vitest';
import { access, rowsOf, TRACE } from '../story.fixture.js';
import { tellTrace } from './episodes.js';

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
