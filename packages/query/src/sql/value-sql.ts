/** Values of a field for counting: the text that rows are grouped by, the number that is summed. */
import type { Source } from '../plan.js';
import { NUMBER_PATTERN } from '../values.js';
import { numberExists, valuesOf } from './condition.js';
import type { ParameterList } from './parameters.js';
import { quoteIdentifier } from './quote.js';

/** The key to group by, and what is shown for it: NULL where the field is absent. */
export interface GroupSql {
  readonly key: string;
  readonly shown: (key: string) => string;
}

export function groupSql(source: Source, parameters: ParameterList): GroupSql {
  const column = source.kind === 'text' || source.kind === 'number' ? quoteIdentifier(source.column) : '';
  switch (source.kind) {
    case 'text':
      return { key: column, shown: (key) => `nullIf(toString(${key}), '')` };
    case 'number':
      return source.absent === 'zero'
        ? { key: column, shown: (key) => `nullIf(${key}, 0)` }
        : { key: column, shown: (key) => key };
    case 'time':
      return { key: source.column, shown: timeText };
    case 'attribute': {
      // Without a look at the keys, which would cost a fifth: so an empty text counts as absent here.
      const values = valuesOf(source, parameters).map((value) => value.text);
      const [first = "''", second] = values;
      const key = second === undefined ? first : `if(${first} != '', ${first}, ${second})`;
      return { key, shown: (shown) => `nullIf(${shown}, '')` };
    }
    case 'resource':
      return { key: textSql(source, parameters), shown: (key) => key };
  }
}

/** Plain text of the first value, NULL when there is none. */
export function textSql(source: Source, parameters: ParameterList): string {
  const values = valuesOf(source, parameters).map((value) => `${value.exists}, ${value.text}`);
  return `multiIf(${values.join(', ')}, NULL)`;
}

/** The number, NULL when there is none. */
export function numberValueSql(source: Source, parameters: ParameterList): string {
  if (source.kind === 'number') {
    const column = quoteIdentifier(source.column);
    return source.absent === 'zero' ? `nullIf(${column}, 0)` : column;
  }
  const values = valuesOf(source, parameters).map(({ text }) => {
    const number = `toFloat64OrNull(${text})`;
    return `match(${text}, '${NUMBER_PATTERN}') AND ifNull(isFinite(${number}), 0), ${number}`;
  });
  return `multiIf(${values.join(', ')}, NULL)`;
}

/** 1 when the field is there. */
export function existsFlagSql(source: Source, parameters: ParameterList): string {
  if (source.kind === 'number') return numberExists(source.column, source.absent);
  return valuesOf(source, parameters)
    .map((value) => value.exists)
    .join(' OR ');
}

/** A time of the engine in the form of the API. */
export function timeText(time: string): string {
  return `concat(replaceOne(toString(${time}), ' ', 'T'), 'Z')`;
}
