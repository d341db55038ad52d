import { describe, expect, test } from 'vitest';
import { access, at, call, edge, rowsOf, type MadeHop } from '../story.fixture.js';
import { assemble } from './assemble.js';
import { waysToWrite } from './find.js';

const build = (hops: readonly MadeHop[], skew: 'on' | 'off' = 'on') =>
  assemble({ nodes: rowsOf(hops), entries: [], skew }).view;
const tree = (hops: readonly MadeHop[]) =>
  build(hops).nodes.map(({ depth, name, service, type }) =>
    `${'  '.repeat(depth)}${service || '?'} ${type} ${name}`.trimEnd(),
  );

describe('the tree', () => {
  test('an edge that logs its caller’s span stands between caller and services, also when it tried twice', () => {
    const hops = [
      call({ service: 'web', span: 'c1', start: 0, duration: 100, host: 'h0' }),
      edge({
        service: 'nginx',
        span: '',
        parent: 'c1',
        start: 5,
        duration: 90,
        statuses: ['502', '200'],
        host: 'h0',
      }),
      access({ service: 'orders', span: 's1', parent: 'c1', start: 10, duration: 5, status: 502 }),
      access({ service: 'orders', span: 's2', parent: 'c1', start: 30, duration: 50 }),
    ];
    expect(tree(hops)).toEqual([
      'web call GET',
      '  nginx edge GET /orders',
      '    orders request GET /orders',
      '    orders request GET /orders',
    ]);
  });

  test('an edge with a span of its own is a parent like any other', () => {
    const hops = [
      edge({ service: 'envoy', span: 'e1', parent: 'c1', start: 5, duration: 90 }),
      access({ service: 'orders', span: 's1', parent: 'e1', start: 10, duration: 50 }),
    ];
    expect(tree(hops)).toEqual(['? missing', '  envoy edge GET /orders', '    orders request GET /orders']);
  });

  test('two requests with the same headers go below the edge’s line that covers them', () => {
    const hops = [
      edge({ service: 'nginx', span: 'c1', start: 0, duration: 20, status: 503 }),
      edge({ service: 'nginx', span: 'c1', start: 100, duration: 20 }),
      access({ service: 'orders', span: 's2', parent: 'c1', start: 105, duration: 10 }),
      access({ service: 'orders', span: 's1', parent: 'c1', start: 5, duration: 10, status: 503 }),
    ];
    const { nodes } = build(hops);
    const parents = Object.fromEntries(nodes.map(({ span_id: span, id, parent }) => [id + span, parent]));
    const edges = nodes.filter(({ type }) => type === 'edge');
    expect(parents['s1s1']).toBe(edges[0]?.id);
    expect(parents['s2s2']).toBe(edges[1]?.id);
  });

  test('a parent without a record is shown as missing, and a circle of parents does not hang', () => {
    expect(tree([access({ service: 'a', span: 's1', parent: 'gone', start: 0, duration: 1 })])).toEqual([
      '? missing',
      '  a request GET /orders',
    ]);
    const circle = [
      call({ service: 'a', span: 'x', parent: 'y', start: 0 }),
      call({ service: 'a', span: 'y', parent: 'x', start: 1 }),
    ];
    expect(tree(circle)).toHaveLength(2);
  });

  test('an access record and a server span of one hop are one', () => {
    const hops = [
      access({ service: 'a', span: 's1', start: 0, duration: 9, status: 500 }),
      { service: 'a', span: 's1', start: 0, duration: 9, attributes: { 'span.kind': 'server' } },
    ];
    const { nodes } = build(hops);
    expect(nodes).toHaveLength(1);
    expect(nodes[0]).toMatchObject({ type: 'request', failed: true, http: { status: 500 } });
  });

  test('10,000 spans, each the child of the one before', () => {
    const hops = Array.from({ length: 10_000 }, (_, index) => ({
      service: `s${index % 7}`,
      span: `n${index}`,
      ...(index === 0 ? {} : { parent: `n${index - 1}` }),
      start: index / 100,
      duration: 1000 - index / 100,
    }));
    const { nodes, duration_ms: total, critical_path: path } = build(hops.toReversed());
    expect(nodes.map(({ depth }) => depth)).toEqual(hops.map((_, index) => index));
    expect(total).toBe(1000);
    expect(path.reduce((sum, step) => sum + step.to_ms - step.from_ms, 0)).toBeCloseTo(1000, 3);
  });
});

describe('clocks', () => {
  const behind = (offset: number): MadeHop[] => [
    call({ service: 'web', span: 'c1', start: 0, duration: 100, host: 'h1' }),
    access({ service: 'orders', span: 's1', parent: 'c1', start: 10 + offset, duration: 80, host: 'h2' }),
    call({ service: 'orders', span: 'c2', parent: 's1', start: 20 + offset, duration: 40, host: 'h2' }),
    access({ service: 'stock', span: 's2', parent: 'c2', start: 25 + offset, duration: 30, host: 'h3' }),
  ];

  test('a clock that is ahead is put back between the bounds, both times are given, and it can be switched off', () => {
    const on = build(behind(5000));
    const node = on.nodes.find(({ id }) => id === 's1');
    expect(node).toMatchObject({ start: at(10), recorded_start: at(5010), skew_ms: 5000 });
    expect(on.skew.applied).toBe(true);
    expect(on.skew.clocks.find(({ clock }) => clock === 'h2')).toMatchObject({
      offset_ms: 5000,
      bound_min_ms: 4990,
      bound_max_ms: 5010,
      consistent: true,
    });
    // Its own child moves with it: what h3 is compared with is h2 as corrected.
    expect(on.nodes.find(({ id }) => id === 's2')).toMatchObject({ start: at(25), skew_ms: 5000 });
    expect(on.duration_ms).toBe(100);

    const off = build(behind(5000), 'off');
    expect(off.nodes.find(({ id }) => id === 's1')).toMatchObject({ start: at(5010), skew_ms: 0 });
    expect(off.skew.applied).toBe(false);
  });

  test('clocks within what the bounds allow are left alone', () => {
    expect(build(behind(3)).skew.applied).toBe(false);
    expect(build(behind(0)).nodes.every((node) => node.recorded_start === undefined)).toBe(true);
  });

  test('a caller that gave up does not bound the end of what it called', () => {
    const hops = [
      call({ service: 'web', span: 'c1', start: 0, duration: 100, error: 'TimeoutError', host: 'h1' }),
      access({ service: 'slow', span: 's1', parent: 'c1', start: 5, duration: 900, host: 'h2' }),
    ];
    expect(build(hops).skew.applied).toBe(false);
  });

  test('calls that contradict each other are said to', () => {
    const hops = [
      call({ service: 'a', span: 'c1', start: 0, duration: 10, host: 'h1' }),
      access({ service: 'b', span: 's1', parent: 'c1', start: 1002, duration: 5, host: 'h2' }),
      call({ service: 'a', span: 'c2', start: 50, duration: 10, host: 'h1' }),
      access({ service: 'b', span: 's2', parent: 'c2', start: -900, duration: 5, host: 'h2' }),
    ];
    expect(build(hops).skew.clocks.find(({ clock }) => clock === 'h2')).toMatchObject({ consistent: false });
  });
});

describe('the critical path', () => {
  test('follows what was waited for and leaves out what ran beside it or after it', () => {
    const hops: MadeHop[] = [
      access({ service: 'gw', span: 'r', start: 0, duration: 100 }),
      { service: 'gw', span: 'beside', parent: 'r', start: 10, duration: 20 },
      { service: 'gw', span: 'waited', parent: 'r', start: 10, duration: 70 },
      { service: 'gw', span: 'after', parent: 'r', start: 90, duration: 500 },
      { service: 'db', span: 'q', parent: 'waited', start: 20, duration: 50 },
    ];
    const { critical_path: path, services, nodes } = build(hops);
    expect(path.map(({ node, from_ms: from, to_ms: to }) => [node, from, to])).toEqual([
      ['r', 0, 10],
      ['waited', 10, 20],
      ['q', 20, 70],
      ['waited', 70, 80],
      ['r', 80, 100],
    ]);
    expect(services.map(({ service, critical_ms: ms }) => [service, ms])).toEqual([
      ['gw', 50],
      ['db', 50],
    ]);
    expect(nodes.find(({ id }) => id === 'r')?.self_ms).toBe(20);
  });
});

test('an id is found however it was written', () => {
  expect(waysToWrite('00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01')).toContain(
    '0af7651916cd43dd8448eb211c80319c',
  );
  expect(waysToWrite('Root=1-5759e988-bd862e3fe1be46a994272793')).toContain(
    '5759e988bd862e3fe1be46a994272793',
  );
  expect(waysToWrite('0af76519-16cd-43dd-8448-eb211c80319c')).toContain('0af7651916cd43dd8448eb211c80319c');
  expect(waysToWrite('463ac35c9f6413ad')).toContain('0000000000000000463ac35c9f6413ad');
});
