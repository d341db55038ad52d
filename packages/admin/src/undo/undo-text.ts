/** An undo's plan as text. */
import { diffOf } from '@sillok/record';
import type { UndoPlan, UndoStep } from './define.js';

/** A plan for people: what will be done, and what is left for a decision. */
export function undoPlanText(plan: UndoPlan): string {
  const { changes, entities, steps, conflicts, unchanged, missing } = plan;
  const lines = [
    `${changes} changes of ${entities} entities: ${steps.length} to be put back, ${conflicts.length} conflicts, ${unchanged} as they were already`,
  ];
  if (missing > 0)
    lines.push(`${missing} records of this time never arrived: what they changed is not undone.`);
  for (const step of steps) {
    lines.push(`${step.way.padEnd(8)} ${step.entity.type}/${step.entity.id}${differenceText(step)}`);
  }
  for (const { entity, reason, fields, by } of conflicts) {
    const who = by.map(({ actor, action }) => `${actor.type} ${actor.id} (${action})`).join(', ');
    const what = fields.map(({ path, now }) => `${path} is ${JSON.stringify(now) ?? 'gone'}`).join(', ');
    const since = who === '' ? '' : ` by ${who}`;
    lines.push(`conflict ${entity.type}/${entity.id}: ${reason}${since}${what === '' ? '' : `: ${what}`}`);
  }
  return lines.join('\n');
}

function differenceText({ way, now, target }: UndoStep): string {
  if (way !== 'update') return '';
  const said = diffOf(now, target).map(
    ({ path, before, after }) =>
      `${path}: ${JSON.stringify(before) ?? '–'} → ${JSON.stringify(after) ?? '–'}`,
  );
  return `  ${said.join(', ')}`;
}
