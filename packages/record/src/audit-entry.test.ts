import { expect, test } from 'vitest';
import {
  auditAttributes,
  auditMessage,
  DELETE_VERBS,
  diffOf,
  isActionOf,
  READ_VERBS,
  type AuditEntry,
} from './audit-entry.js';
import { flatten } from './flatten.js';
import { AUDIT_DIFF_MAX } from './limits.js';

const entry: AuditEntry = {
  id: 'a1',
  outcome: 'committed',
  action: 'order.update',
  entity: { type: 'order', id: '7' },
  actor: { type: 'admin', id: 'kim' },
};

test('a difference names each field with both sides, and nothing that stayed', () => {
  const before = {
    address: { city: 'Seoul', zip: '04524' },
    items: [{ id: 1, n: 2 }],
    note: 'x',
    gone: true,
  };
  const after = { address: { city: 'Busan', zip: '04524' }, items: [{ n: 2, id: 1 }], note: null, added: 1 };
  expect(diffOf(before, after)).toEqual([
    { path: 'added', after: 1 },
    { path: 'address.city', before: 'Seoul', after: 'Busan' },
    { path: 'gone', before: true },
    { path: 'note', before: 'x', after: null },
  ]);
  expect(diffOf(undefined, { id: 1 })).toEqual([{ path: 'id', after: 1 }]);
  expect(diffOf([1], [2])).toEqual([{ path: 'value', before: [1], after: [2] }]);
  expect(diffOf({ 'a.b': 1 }, { a: { b: 1 } })).toHaveLength(2);
});

test('a difference without end is cut at its limit', () => {
  const wide = Object.fromEntries(
    Array.from({ length: AUDIT_DIFF_MAX + 50 }, (_, index) => [`k${index}`, 1]),
  );
  expect(diffOf({}, wide)).toHaveLength(AUDIT_DIFF_MAX);
});

test('what was not given is not in the record', () => {
  expect(flatten(auditAttributes({ ...entry, reason: undefined }))).toEqual(flatten({ audit: entry }));
  const unchanged = flatten(auditAttributes({ ...entry, before: { a: 1 }, after: { a: 1 } }));
  expect(Object.keys(unchanged)).not.toContain('audit.diff');
  expect(auditMessage(entry)).toBe('order.update order/7 by admin kim: committed');
});

test('a verb is the last word of an action, and no part of another word', () => {
  expect(
    ['order.delete', 'delete', 'order.line.delete_all'].every((each) => isActionOf(DELETE_VERBS, each)),
  ).toBe(true);
  expect(
    ['order.undelete', 'delete.order', 'order.deleted'].some((each) => isActionOf(DELETE_VERBS, each)),
  ).toBe(false);
  expect([isActionOf(READ_VERBS, 'member.read'), isActionOf(READ_VERBS, 'member.ready')]).toEqual([
    true,
    false,
  ]);
});
