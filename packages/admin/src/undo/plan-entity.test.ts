import { describe, expect, test } from 'vitest';
import type { Image, UndoConflict, UndoWays } from './define.js';
import { planEntity, type EntityPlan } from './plan-entity.js';
import type { RecordedChange } from './recorded-changes.js';

const entity = { type: 'order', id: '7' };
const done = async (): Promise<void> => undefined;
const ways: UndoWays = { find: async () => undefined, restore: done, remove: done, update: done };

function change(before: unknown, after: unknown, more: Partial<RecordedChange> = {}): RecordedChange {
  const actor = { type: 'user', id: 'park' } as const;
  const said = { id: 'c', time: '2026-11-21T10:00:00Z', action: 'order.update', entity, actor };
  return { ...said, before, after, incomplete: false, ...more };
}

function plan(
  selected: readonly RecordedChange[],
  now: Image | undefined,
  decide: (conflict: UndoConflict) => 'keep' | 'undo' = () => 'keep',
): EntityPlan {
  return planEntity({ entity, selected, now, ways, others: [], decide });
}

const reasons = ({ conflicts }: EntityPlan): string[] => conflicts.map(({ reason }) => reason);

describe('a changed entity', () => {
  test('gets back what stood before the first change, and keeps what others wrote into other fields', () => {
    const changes = [
      change({ city: 'Seoul', state: 'new' }, { city: 'Busan', state: 'new' }),
      change({ city: 'Busan', state: 'new' }, { city: 'Jeju', state: 'paid' }),
    ];
    const { step, conflicts } = plan(changes, { city: 'Jeju', state: 'paid', memo: 'by kim' });
    expect(conflicts).toEqual([]);
    expect(step).toMatchObject({
      way: 'update',
      target: { city: 'Seoul', state: 'new', memo: 'by kim' },
      paths: ['city', 'state'],
      changes: ['c', 'c'],
    });
  });

  test('keeps a field that somebody else has changed since, and puts back the others', () => {
    const changes = [change({ city: 'Seoul', state: 'new' }, { city: 'Busan', state: 'paid' })];
    const found = plan(changes, { city: 'Jeju', state: 'paid' });
    expect(found.step?.target).toEqual({ city: 'Jeju', state: 'new' });
    expect(found.conflicts).toMatchObject([
      { reason: 'changed_since', fields: [{ path: 'city', left: 'Busan', now: 'Jeju', before: 'Seoul' }] },
    ]);
    const decided = plan(changes, { city: 'Jeju', state: 'paid' }, () => 'undo');
    expect([decided.step?.target, decided.conflicts]).toEqual([{ city: 'Seoul', state: 'new' }, []]);
  });

  test('gets what somebody else wrote between two of the changes, not what stood before both', () => {
    const changes = [change({ n: 1 }, { n: 2 }), change({ n: 5 }, { n: 7 })];
    expect(plan(changes, { n: 7 }).step?.target).toEqual({ n: 5 });
  });

  test('loses a field that was added and gets one again that was taken away', () => {
    const { step } = plan([change({ a: 1 }, { b: [1, { x: 1 }] })], { b: [1, { x: 1 }] });
    expect(step?.target).toEqual({ a: 1 });
  });

  test('that is as it was before needs nothing, also when it was undone by hand', () => {
    expect(plan([change({ n: 1 }, { n: 2 })], { n: 1 })).toEqual({ step: undefined, conflicts: [] });
  });

  test('that is gone stays gone, and is made again only when that is decided', () => {
    const changes = [change({ n: 1, m: 1 }, { n: 2, m: 1 })];
    expect(reasons(plan(changes, undefined))).toEqual(['deleted_since']);
    const { step } = plan(changes, undefined, () => 'undo');
    expect(step).toMatchObject({ way: 'restore', target: { n: 1, m: 1 } });
  });
});

describe('a deleted entity', () => {
  test('is made again as it was before the first of the changes', () => {
    const changes = [change({ n: 1, m: 1 }, { n: 2, m: 1 }), change({ n: 2, m: 8 }, undefined)];
    expect(plan(changes, undefined).step).toMatchObject({ way: 'restore', target: { n: 1, m: 8 } });
  });

  test('keeps what others wrote into it before it was deleted', () => {
    const changes = [change({ n: 1 }, { n: 2 }), change({ n: 9 }, undefined)];
    expect(plan(changes, undefined).step?.target).toEqual({ n: 9 });
  });

  test('that somebody made again is left alone', () => {
    const found = plan([change({ n: 1 }, undefined)], { n: 4 });
    expect([found.step, reasons(found)]).toEqual([undefined, ['made_again']]);
    expect(plan([change({ n: 1 }, undefined)], { n: 1 }).conflicts).toEqual([]);
  });

  test('is not made again from a stand-in of what it was', () => {
    const standIns = ['(redacted)', '[hidden 0a1b2c3d]', 'a…[cut: 9 bytes, sha256 0f]…b'];
    for (const value of [
      ...standIns,
      '(personal: not kept, there are no identity keys)',
      'sillok:p1:1:dTE:AAAA',
    ]) {
      const found = plan([change({ n: 1, card: value }, undefined)], undefined);
      expect([found.step, reasons(found)], value).toEqual([undefined, ['not_kept']]);
    }
  });
});

describe('a created entity', () => {
  test('is taken away, unless somebody has changed it since', () => {
    const changes = [change(undefined, { n: 1 })];
    expect(plan(changes, { n: 1 }).step).toMatchObject({ way: 'remove', target: undefined });
    expect(reasons(plan(changes, { n: 2 }))).toEqual(['changed_since']);
    expect(plan(changes, undefined)).toEqual({ step: undefined, conflicts: [] });
  });

  test('and deleted by the same hand needs nothing', () => {
    expect(plan([change(undefined, { n: 1 }), change({ n: 1 }, undefined)], undefined).step).toBeUndefined();
  });
});

test('what cannot be put back is a conflict and no guess: without images, cut short, without a way', () => {
  expect(reasons(plan([change(undefined, undefined)], { n: 1 }))).toEqual(['no_image']);
  expect(reasons(plan([change({ n: 1 }, { n: 2 }, { incomplete: true })], { n: 2 }))).toEqual(['not_kept']);
  const parts = { entity, selected: [change({ n: 1 }, undefined)], now: undefined, others: [] };
  const onlyFind = { find: ways.find };
  const keep = () => 'keep' as const;
  expect(reasons(planEntity({ ...parts, ways: onlyFind, decide: keep }))).toEqual(['no_way']);
  expect(reasons(planEntity({ ...parts, ways: undefined, decide: keep }))).toEqual(['no_way']);
});
