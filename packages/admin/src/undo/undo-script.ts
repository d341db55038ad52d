/**
 * Undo as a script: the same dry run with its plan, the same refusal of a plan that has moved on, progress, resume after a kill,
 * and the conflicts as rows of a CSV.
 */
import { z } from 'zod';
import { defineScript, type AnyScript } from '../script/define.js';
import type { UndoConflict, UndoStep } from './define.js';
import type { Undo } from './undo.js';

type Item = { readonly step: UndoStep } | { readonly conflict: UndoConflict };

const args = z.object({
  actor: z.string().optional().describe('whose changes are undone'),
  run: z.string().optional().describe("a script's run, as its changes name it: name/run"),
  type: z.string().optional().describe('type of one entity, with --id'),
  id: z.string().optional().describe('id of one entity, with --type'),
  from: z.string().optional().describe('changes since: 2026-11-21T10:00:00Z or -2h'),
  to: z.string().optional().describe('changes before'),
  reason: z.string().describe('why; it stands in the audit trail'),
});

export function undoScript(undo: Undo, name = 'undo'): AnyScript {
  return defineScript({
    name,
    description:
      "Puts back what an actor, a script's run or anybody changed, from the audit trail's before-images.",
    isDestructive: true,
    args,
    async *items({ args: { actor, run, type, id, from, to } }): AsyncGenerator<Item> {
      const entity = type === undefined || id === undefined ? undefined : { type, id };
      const plan = await undo.plan({ actor, run, entity, from, to });
      for (const step of plan.steps) yield { step };
      for (const conflict of plan.conflicts) yield { conflict };
    },
    key: (item: Item) =>
      'step' in item
        ? `${item.step.entity.type}/${item.step.entity.id}`
        : `${item.conflict.entity.type}/${item.conflict.entity.id} (${item.conflict.reason})`,
    async each(item, { args: { reason }, write, skip, emit }) {
      if ('conflict' in item) {
        const { entity, reason: why, fields, by } = item.conflict;
        const since = by.map(({ actor, action }) => `${actor.type} ${actor.id}: ${action}`).join('; ');
        emit({
          entity: `${entity.type}/${entity.id}`,
          reason: why,
          by: since,
          fields: JSON.stringify(fields),
        });
        return skip(`conflict: ${why}`);
      }
      const { step } = item;
      await write(undo.changeOf(step, reason), async () => {
        if (!(await undo.applyStep(step))) throw new Error('it was changed since the plan was made');
      });
    },
  });
}
