/** Values of a field for counting: the text that rows are grouped by, the number that is summed. */
import type { Source } from '../plan.js';
import { NUMBER_PATTERN } from '../values.js';
import {
  attributeStoredSql,
  attributeTextSql,
  numberExists,
  plainTextSql,
  valuesOf,
  type KeyProbe,
} from './condition.js';
import type { ParameterList } from './parameters.js';
import { quoteIdentifier } from './quote.js';

/** The key to group by, and what is shown for it: NULL where the field is absent. */
export interface GroupSql {
  readonly key: string;
  readonly shown: (key: string) => string;
  /** Set where the key is not what is counted yet: several keys may become one value. */
  readonly value?: (key: string) => string;
}

export function groupSql(source: Source, parameters: ParameterList, isAnywhere?: KeyProbe): GroupSql {
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
      return {
        key: attributeStoredSql(source.paths, parameters, isAnywhere),
        shown: (key) => `nullIf(${key}, '')`,
        value: plainTextSql,
      };
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
export function numberValueSql(source: Source, parameters: ParameterList, isAnywhere?: KeyProbe): string {
  if (source.kind === 'number') {
    const column = quoteIdentifier(source.column);
    return source.absent === 'zero' ? `nullIf(${column}, 0)` : column;
  }
  if (source.kind === 'attribute')
    return numberOfText(attributeTextSql(source.paths, parameters, isAnywhere));
  return numberOfText(textSql(source, parameters));
}

/** NULL for what is no number by our grammar. */
function numberOfText(text: string): string {
  const number = `toFloat64OrNull(${text})`;
  return `if(ifNull(match(${text}, '${NUMBER_PATTERN}') AND isFinite(${number}), 0), ${number}, NULL)`;
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
