/**
 * Undo of what one actor, one script's run, or anybody did to one entity: from the before-images of the audit trail, through
 * the project's own business code. First a plan that changes nothing, then its steps, each of them audited.
 *
 * A step looks at the entity once more before it acts: what has moved on since the plan is left alone and told.
 */
import type { Actor, Audit, Change } from '@sillok/node/audit';
import { UndoError } from '../errors.js';
import type { UndoConflict, UndoOptions, UndoPlan, UndoSelection, UndoStep, UndoWays } from './define.js';
import { differing, fieldsOf } from './images.js';
import { planEntity } from './plan-entity.js';
import { lookAt, readChanges, type RecordedChange, type SillokServer } from './recorded-changes.js';

export interface Undoing {
  readonly server: SillokServer;
  readonly audit: Audit;
  /** By type of entity, as the audit trail names it. */
  readonly entities: Readonly<Record<string, UndoWays>>;
}

export interface UndoneBy {
  readonly actor: Actor;
  readonly reason: string;
}

export interface UndoResult {
  readonly done: number;
  /** Entities that were changed between the plan and the step: left as they are. */
  readonly moved: readonly UndoStep['entity'][];
  readonly failed: readonly { readonly entity: UndoStep['entity']; readonly error: string }[];
}

export interface Undo {
  plan(selection: UndoSelection, options?: UndoOptions): Promise<UndoPlan>;
  /** Steps that fail are listed, and the others are done: plan again, and only what is left is in the plan. */
  apply(plan: UndoPlan, by: UndoneBy): Promise<UndoResult>;
  /** The change that a step is, as its audit record says it: for those who run steps on their own, as scripts do. */
  changeOf(step: UndoStep, reason: string | undefined): Change;
  /** One step. False when the entity has moved on. */
  applyStep(step: UndoStep): Promise<boolean>;
}

export function createUndo({ server, audit, entities }: Undoing): Undo {
  const waysOf = (type: string): UndoWays | undefined =>
    Object.hasOwn(entities, type) ? entities[type] : undefined;

  const applyStep = async ({ entity, way, now, target, paths }: UndoStep): Promise<boolean> => {
    const ways = waysOf(entity.type);
    const current = await ways?.find(entity.id);
    const hasMoved =
      (current === undefined) !== (now === undefined) ||
      differing(fieldsOf(current), fieldsOf(now)).length > 0;
    if (hasMoved) return false;
    if (way === 'restore') await ways?.restore?.(entity.id, target ?? {});
    if (way === 'remove') await ways?.remove?.(entity.id, now ?? {});
    if (way === 'update') await ways?.update?.(entity.id, target ?? {}, paths);
    return true;
  };

  return {
    applyStep,
    changeOf,
    async plan(selection, options = {}) {
      if (Object.values(selection).every((value) => value === undefined)) {
        throw new UndoError(
          'nothing_selected',
          'No changes are selected.',
          'Name an actor, an entity or a run.',
        );
      }
      const looked = await lookAt(server, selection);
      const changes = await readChanges(server, selection);
      const groups = groupByEntity(changes);
      const plan = new PlanMaker({ server, decide: options.decide ?? (() => 'keep') });
      // The latest change first: what refers to something is taken away before it, and made again after it.
      for (const selected of groups) {
        const [first] = selected;
        if (first !== undefined) await plan.add(selected, waysOf(first.entity.type));
      }
      return { ...plan.result, ...looked, changes: changes.length, entities: groups.length };
    },
    async apply(plan, by) {
      const moved: UndoStep['entity'][] = [];
      const failed: { entity: UndoStep['entity']; error: string }[] = [];
      const run = {
        action: 'undo.run',
        entity: { type: 'undo', id: `${by.actor.type}/${by.actor.id}` },
        ...by,
        arguments: { steps: plan.steps.length, conflicts: plan.conflicts.length },
      };
      await audit.operation(run, async (entry) => {
        for (const step of plan.steps) {
          const change = { ...changeOf(step, by.reason), actor: by.actor };
          const outcome = await tryStep(audit, change, () => applyStep(step));
          if (outcome === 'moved') moved.push(step.entity);
          else if (outcome !== 'done') failed.push({ entity: step.entity, error: outcome.error });
        }
        entry.result({ moved: moved.length, failed: failed.length });
      });
      return { done: plan.steps.length - moved.length - failed.length, moved, failed };
    },
  };
}

/** Thrown inside of the audited operation, so that its record says that nothing was done. */
class Moved extends Error {
  override readonly name = 'Moved';
}

async function tryStep(
  audit: Audit,
  change: Change,
  work: () => Promise<boolean>,
): Promise<'done' | 'moved' | { readonly error: string }> {
  try {
    await audit.operation(change, async () => {
      if (!(await work())) throw new Moved('the entity was changed since the plan was made');
    });
    return 'done';
  } catch (error) {
    if (error instanceof Moved) return 'moved';
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function changeOf({ entity, way, now, target, changes }: UndoStep, reason: string | undefined): Change {
  return {
    action: `${entity.type}.undo_${way}`,
    entity,
    reason,
    arguments: { changes },
    before: now,
    after: target,
  };
}

/** Changes of one entity together, oldest first; the entity whose last change is the newest comes first. */
function groupByEntity(changes: readonly RecordedChange[]): RecordedChange[][] {
  const groups = new Map<string, RecordedChange[]>();
  for (const change of changes) {
    const key = `${change.entity.type}\n${change.entity.id}`;
    const group = groups.get(key) ?? [];
    group.push(change);
    // The latest changed stands last.
    groups.delete(key);
    groups.set(key, group);
  }
  return [...groups.values()].reverse();
}

interface Making {
  readonly server: SillokServer;
  readonly decide: (conflict: UndoConflict) => 'keep' | 'undo';
}

class PlanMaker {
  readonly #making: Making;
  readonly #steps: UndoStep[] = [];
  readonly #conflicts: UndoConflict[] = [];
  #unchanged = 0;

  constructor(making: Making) {
    this.#making = making;
  }

  get result(): Pick<UndoPlan, 'steps' | 'conflicts' | 'unchanged'> {
    return { steps: this.#steps, conflicts: this.#conflicts, unchanged: this.#unchanged };
  }

  async add(selected: readonly RecordedChange[], ways: UndoWays | undefined): Promise<void> {
    const [first] = selected;
    if (first === undefined) return;
    const { entity } = first;
    const now = await ways?.find(entity.id);
    const parts = { entity, selected, now, ways };
    const keep = () => 'keep' as const;
    const simple = planEntity({ ...parts, others: [], decide: keep });
    // Who else it was is only asked for where somebody else was.
    const plan =
      simple.conflicts.length === 0
        ? simple
        : planEntity({ ...parts, others: await this.#others(selected), decide: this.#making.decide });
    if (plan.step !== undefined) this.#steps.push(plan.step);
    this.#conflicts.push(...plan.conflicts);
    if (plan.step === undefined && plan.conflicts.length === 0) this.#unchanged += 1;
  }

  async #others(selected: readonly RecordedChange[]): Promise<UndoConflict['by']> {
    const [first] = selected;
    if (first === undefined) return [];
    const own = new Set(selected.map(({ id }) => id));
    const all = await readChanges(this.#making.server, { entity: first.entity, from: first.time });
    return all
      .filter(({ id }) => !own.has(id))
      .map(({ id, actor, action, time }) => ({ id, actor, action, time }));
  }
}
