/** What the admin API answers, for people. Everything in it came from a service: no control character passes. */
import type {
  AdminRunAnswer,
  AdminServicesAnswer,
  EntityAnswer,
  EntityPage,
  PlanAnswer,
  Title,
} from '@sillok/api';
import type { Colours } from '../terminal/colours.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

export function adminText({ services }: AdminServicesAnswer, colours: Colours): string {
  const lines = services.flatMap(({ name, title, description, problem }) => {
    const head = colours.bold(safeLine(name === title ? name : `${name}  ${title}`));
    if (description === null) return [head, `  ${colours.bad(safeLine(problem ?? 'no answer'))}`];
    return [
      head,
      ...description.entities.flatMap(({ type, title: words, actions }) => [
        `  ${safeLine(type)}  ${colours.dim(safeLine(textOf(words)))}`,
        ...actions.map((action) => {
          const marks = [
            `role ${action.role}`,
            ...(action.reason === 'required' ? ['reason needed'] : []),
            ...(action.four_eyes ? ['a second person approves'] : []),
          ];
          const words2 = `${textOf(action.title)} (${marks.join(', ')})`;
          return `    ${safeLine(action.name).padEnd(20)} ${colours.dim(safeLine(words2))}`;
        }),
      ]),
    ];
  });
  return lines.join('\n');
}

export function rowsText({ rows }: EntityPage, colours: Colours): string {
  const fields = rows.map((row) => Object(row.fields));
  const columns = [...new Set(fields.flatMap((each) => Object.keys(each)))];
  return tableText({ columns, rows: fields.map((each) => columns.map((name) => each[name])), colours });
}

export function fieldsText(entity: EntityAnswer, colours: Colours): string {
  const rows = Object.entries(Object(entity.fields)).map(([name, value]) => [name, value]);
  const able = entity.actions.map(({ name, allowed, refused }) =>
    allowed ? safeLine(name) : `${safeLine(name)} ${colours.dim(`(${safeLine(refused ?? '')})`)}`,
  );
  return [
    tableText({ columns: ['field', 'value'], rows, colours }),
    '',
    `version  ${safeLine(entity.version)}`,
    ...(entity.masked.length === 0 ? [] : [`hidden from your role  ${safeLine(entity.masked.join(', '))}`]),
    ...(able.length === 0 ? [] : [`actions  ${able.join(' · ')}`]),
  ].join('\n');
}

export function diffText(diff: PlanAnswer['diff'], colours: Colours): string {
  if (diff.length === 0) return 'It would change nothing.';
  const rows = diff.map(({ path, before, after }) => [path, valueText(before), valueText(after)]);
  return tableText({ columns: ['field', 'before', 'after'], rows, colours });
}

export function runText(answer: AdminRunAnswer, colours: Colours): string {
  if (answer.state === 'requested') {
    const request = safeLine(answer.request ?? '');
    return `Asked for: another person approves it with "sillok admin approve SERVICE ${request}".`;
  }
  const head = answer.repeated ? 'It had been done already; nothing was done now.' : 'Done.';
  const place = `change ${safeLine(answer.audit_id)}${answer.in_history ? '' : ' (not in the history yet)'}`;
  return [head, diffText(answer.diff, colours), colours.dim(place)].join('\n');
}

function valueText(value: unknown): string {
  if (value === undefined) return '–';
  return typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
}

function textOf(title: Title): string {
  return typeof title === 'string' ? title : title.en;
}
