import { expect, test } from 'vitest';
import type { TraceEntry, TraceNode } from '@sillok/api';
import { msOf, rowsOf } from './rows.js';

const START = '2026-11-21T10:00:00.000000000Z';
const record = { producer: 'p', boot: 'b', seq: 1, time: START };

function node(id: string, parent: string | null, failed = false): TraceNode {
  const depth = parent === null ? 0 : parent === 'a' ? 1 : 2;
  return {
    ...{ id, depth, parent, failed, type: 'request', name: id, service: 's', version: '', instance: '' },
    ...{ span_id: id, start: START, end: START, skew_ms: 0, duration_ms: 1, self_ms: 1, critical_ms: 0 },
    ...{ error: null, http: null, db: null, messaging: null, edge: null, debug_rule: null, record },
    type: 'request',
  };
}

function entry(message: string, of: string | null): TraceEntry {
  const base = { kind: 'log', level: 'info', service: 's', event: '', exception: '', time: START, record };
  return { ...base, message, node: of };
}

const trace = {
  start: START,
  nodes: [node('a', null), node('b', 'a'), node('c', 'b', true), node('d', 'a')],
  entries: [entry('in c', 'c'), entry('lost', 'nobody'), entry('free', null)],
};
const all = { folded: new Set<string>(), withEntries: true, onlyFailed: false };
const names = (rows: ReturnType<typeof rowsOf>): string[] =>
  rows.map((row) => (row.kind === 'node' ? row.node.id : row.entry.message));

test('log lines stand below their call, and those of no call before everything', () => {
  expect(names(rowsOf(trace, all))).toEqual(['lost', 'free', 'a', 'b', 'c', 'in c', 'd']);
});

test('a folded call takes what is below it away, lines too, and nothing beside it', () => {
  expect(names(rowsOf(trace, { ...all, folded: new Set(['b']) }))).toEqual(['lost', 'free', 'a', 'b', 'd']);
});

test('only what failed is shown with the way to it', () => {
  expect(names(rowsOf(trace, { ...all, withEntries: false, onlyFailed: true }))).toEqual(['a', 'b', 'c']);
});

test('a call of a microsecond is not rounded away', () => {
  expect(msOf('2026-11-21T10:00:00.000001500Z') - msOf(START)).toBeCloseTo(0.0015, 4);
  expect(msOf('2026-11-21T10:00:01Z') - msOf(START)).toBe(1000);
});
