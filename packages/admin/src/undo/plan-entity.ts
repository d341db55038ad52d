/**
 * What has to be done to one entity so that it is as if the selected changes had not been made. Pure.
 *
 * Fields are looked at one by one: a field that still holds what the last selected change left gets the value from before the
 * first one; a field that holds something else was changed by somebody else since, and stays. So others lose nothing, and what
 * could not be put back is listed.
 */
import type { RecordedChange } from './recorded-changes.js';
import type { ConflictReason, Image, UndoConflict, UndoStep, UndoWays } from './define.js';
import { differing, fieldsOf, imageOf, isKept, isSame } from './images.js';
import type { FlatValue } from '@sillok/record';

export interface EntityParts {
  readonly entity: UndoStep['entity'];
  /** Of this entity only, oldest first. */
  readonly selected: readonly RecordedChange[];
  readonly now: Image | undefined;
  readonly ways: UndoWays | undefined;
  /** Others' changes of the entity since the first selected one. */
  readonly others: UndoConflict['by'];
  readonly decide: (conflict: UndoConflict) => 'keep' | 'undo';
}

export interface EntityPlan {
  readonly step: UndoStep | undefined;
  readonly conflicts: readonly UndoConflict[];
}

const NOTHING: EntityPlan = { step: undefined, conflicts: [] };

export function planEntity(parts: EntityParts): EntityPlan {
  const { selected, ways } = parts;
  const [first, last] = [selected[0], selected.at(-1)];
  if (first === undefined || last === undefined) return NOTHING;
  if (ways === undefined) return refused(parts, 'no_way');
  if (selected.some((change) => change.before === undefined && change.after === undefined))
    return refused(parts, 'no_image');
  if (selected.some((change) => change.incomplete)) return refused(parts, 'not_kept');
  const existed = first.before !== undefined;
  if (last.after === undefined) return existed ? planRestore(parts, last) : NOTHING;
  return existed ? planUpdate(parts, last) : planRemove(parts, last);
}

/** It was deleted: made again as it was before the first selected change. */
function planRestore(parts: EntityParts, last: RecordedChange): EntityPlan {
  const { selected, now, ways } = parts;
  const target = new Map(fieldsOf(last.before));
  for (const [path, { before, left }] of touchedOf(selected.slice(0, -1))) {
    // Others may have changed it before it was deleted: that stays.
    if (isSame(target.get(path), left)) put(target, path, before);
  }
  const gone = [...target].filter(([, value]) => !isKept(value)).map(([path]) => path);
  if (gone.length > 0)
    return refused(
      parts,
      'not_kept',
      gone.map((path) => ({ path })),
    );
  if (now === undefined) return step(parts, { way: 'restore', target: imageOf(target), paths: [] });
  const current = fieldsOf(now);
  const paths = differing(current, target);
  if (paths.length === 0) return NOTHING;
  const fields = paths.map((path) => sides(path, { now: current.get(path), before: target.get(path) }));
  const conflict = conflictOf(parts, 'made_again', fields);
  if (parts.decide(conflict) === 'keep') return { step: undefined, conflicts: [conflict] };
  return ways?.update === undefined
    ? refused(parts, 'no_way')
    : step(parts, { way: 'update', target: imageOf(target), paths });
}

/** It was created: taken away, if nobody has changed it since. */
function planRemove(parts: EntityParts, last: RecordedChange): EntityPlan {
  const { now } = parts;
  if (now === undefined) return NOTHING;
  const [left, current] = [fieldsOf(last.after), fieldsOf(now)];
  const paths = differing(left, current).filter((path) => isKept(left.get(path)));
  if (paths.length === 0) return step(parts, { way: 'remove', target: undefined, paths: [] });
  const fields = paths.map((path) => sides(path, { left: left.get(path), now: current.get(path) }));
  const conflict = conflictOf(parts, 'changed_since', fields);
  if (parts.decide(conflict) === 'keep') return { step: undefined, conflicts: [conflict] };
  return step(parts, { way: 'remove', target: undefined, paths: [] });
}

/** Its fields were changed: put back, each that still holds what was left in it. */
function planUpdate(parts: EntityParts, last: RecordedChange): EntityPlan {
  const { selected, now } = parts;
  const touched = touchedOf(selected);
  if (now === undefined) return planUpdateOfGone(parts, last, touched);
  const current = fieldsOf(now);
  const target = new Map(current);
  const changed: UndoConflict['fields'][number][] = [];
  const gone: UndoConflict['fields'][number][] = [];
  for (const [path, { before, left }] of touched) {
    const value = current.get(path);
    if (isSame(value, before)) continue;
    if (!isKept(before)) gone.push({ path });
    else if (isSame(value, left)) put(target, path, before);
    else changed.push(sides(path, { left, now: value, before }));
  }
  const conflicts: UndoConflict[] = gone.length === 0 ? [] : [conflictOf(parts, 'not_kept', gone)];
  if (changed.length > 0) {
    const conflict = conflictOf(parts, 'changed_since', changed);
    if (parts.decide(conflict) === 'keep') conflicts.push(conflict);
    else for (const { path } of changed) put(target, path, touched.get(path)?.before);
  }
  const paths = differing(current, target);
  if (paths.length === 0) return { step: undefined, conflicts };
  const planned = step(parts, { way: 'update', target: imageOf(target), paths });
  return { step: planned.step, conflicts: [...conflicts, ...planned.conflicts] };
}

/** Somebody else deleted it since: it stays away unless that is decided otherwise. */
function planUpdateOfGone(parts: EntityParts, last: RecordedChange, touched: Touched): EntityPlan {
  const conflict = conflictOf(parts, 'deleted_since', []);
  if (parts.decide(conflict) === 'keep') return { step: undefined, conflicts: [conflict] };
  const target = new Map(fieldsOf(last.after));
  for (const [path, { before }] of touched) put(target, path, before);
  const gone = [...target].filter(([, value]) => !isKept(value)).map(([path]) => ({ path }));
  if (gone.length > 0) return refused(parts, 'not_kept', gone);
  return step(parts, { way: 'restore', target: imageOf(target), paths: [] });
}

type Touched = ReadonlyMap<
  string,
  { readonly before: FlatValue | undefined; readonly left: FlatValue | undefined }
>;

/** Each field that a selected change touched: what stood there before the first of them, and what the last of them left. */
function touchedOf(selected: readonly RecordedChange[]): Touched {
  const touched = new Map<string, { before: FlatValue | undefined; left: FlatValue | undefined }>();
  for (const change of selected) {
    const [before, after] = [fieldsOf(change.before), fieldsOf(change.after)];
    for (const path of differing(before, after)) {
      const known = touched.get(path);
      // What somebody else put there in between is what stood before, from then on.
      const isOwn = known !== undefined && isSame(known.left, before.get(path));
      touched.set(path, { before: isOwn ? known.before : before.get(path), left: after.get(path) });
    }
  }
  return touched;
}

function put(fields: Map<string, FlatValue>, path: string, value: FlatValue | undefined): void {
  if (value === undefined) fields.delete(path);
  else fields.set(path, value);
}

type Doing = Pick<UndoStep, 'way' | 'target' | 'paths'>;

function step(parts: EntityParts, { way, target, paths }: Doing): EntityPlan {
  if (parts.ways?.[way] === undefined) return refused(parts, 'no_way');
  const { entity, now, selected } = parts;
  const changes = selected.map(({ id }) => id);
  return { step: { entity, way, now, target, paths, changes }, conflicts: [] };
}

function refused(
  parts: EntityParts,
  reason: ConflictReason,
  fields: UndoConflict['fields'] = [],
): EntityPlan {
  return { step: undefined, conflicts: [conflictOf(parts, reason, fields)] };
}

function conflictOf(
  { entity, others }: EntityParts,
  reason: ConflictReason,
  fields: UndoConflict['fields'],
): UndoConflict {
  return { entity, reason, fields, by: others };
}

interface Sides {
  readonly left?: FlatValue | undefined;
  readonly now?: FlatValue | undefined;
  readonly before?: FlatValue | undefined;
}

function sides(path: string, { left, now, before }: Sides): UndoConflict['fields'][number] {
  return {
    path,
    ...(left === undefined ? {} : { left }),
    ...(now === undefined ? {} : { now }),
    ...(before === undefined ? {} : { before }),
  };
}
