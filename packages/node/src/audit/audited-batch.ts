/**
 * A call that changes many entities, recorded for each of them. What must hold: the work begins when every intent is on the disk;
 * of a call that did a part, each entity's outcome is what became of that one.
 */
import type { Audit, EntryInBatch } from './audit.js';
import type { Change, Entity } from './change.js';
import type { BatchEnd, BatchRule, ById, Method } from './rule.js';

export interface BatchRecording<S> {
  readonly audit: Audit;
  readonly rule: BatchRule<S, Method>;
  readonly target: S;
  readonly call: (...values: never[]) => unknown;
  readonly count: (isEmpty: boolean) => void;
}

export function recordBatch<S>(recording: BatchRecording<S>, values: never[]): Promise<unknown> {
  const { audit, rule, target, call, count } = recording;
  const entities = distinct(rule.entities(...values));
  return audit.batch(changesOf(rule, entities, values), async (entries) => {
    const before = await rule.images?.(target, ...values);
    const end = await endOf(() => call(...values));
    const after = await afterOf(recording, values);
    for (const [index, { id }] of entities.entries()) {
      const entry = entries[index];
      // Without the other images, one before would say that the entity was deleted.
      if (after !== undefined && before?.has(id) === true) entry?.before(before.get(id));
      if (after?.has(id) === true) entry?.after(after.get(id));
    }
    const ended = { entities, entries, end, failures: rule.failures?.(end, values) };
    tellEach(ended);
    count((before?.size ?? 0) === 0 && (after?.size ?? 0) === 0);
    if ('error' in end) throw end.error;
    return end.result;
  });
}

function changesOf<S>(rule: BatchRule<S, Method>, entities: readonly Entity[], values: never[]): Change[] {
  const [actor, reason] = [rule.actor?.(...values), rule.reason?.(...values)];
  return entities.map((entity) => ({
    action: rule.action,
    entity,
    actor,
    reason,
    ...rule.each?.(entity, values),
  }));
}

async function endOf(work: () => unknown): Promise<BatchEnd<never>> {
  try {
    // What the method of this very rule resolves with.
    return { result: (await work()) as never };
  } catch (error) {
    return { error };
  }
}

/** Undefined when they could not be read: what was done is done, and must not become a failure by that. */
async function afterOf<S>(
  { audit, rule, target }: BatchRecording<S>,
  values: never[],
): Promise<ById | undefined> {
  try {
    return await rule.images?.(target, ...values);
  } catch (error) {
    audit.notice(
      `${rule.action} is recorded without images: after it they could not be read: ${String(error)}`,
    );
    return undefined;
  }
}

interface Ended {
  readonly entities: readonly Entity[];
  readonly entries: readonly EntryInBatch[];
  readonly end: BatchEnd<never>;
  readonly failures: ById | undefined;
}

function tellEach({ entities, entries, end, failures }: Ended): void {
  for (const [index, { id }] of entities.entries()) {
    if (failures?.has(id) === true) entries[index]?.failed(failures.get(id));
    else if (failures !== undefined || !('error' in end)) entries[index]?.done();
  }
}

/** The same order twice in a list is one order. */
function distinct(entities: readonly Entity[]): readonly Entity[] {
  const byName = new Map(entities.map((entity) => [`${entity.type}/${entity.id}`, entity]));
  return [...byName.values()];
}
