/** A moment that a reader binds, as the engine reads it: it takes no `T` and no `Z`, which all moments of the API have. */
import { parseTime } from '@sillok/record';

const MOMENT = /^(?:Nullable\()?DateTime(?:64\((\d))?/;

/** Left as it is when its type is none of time, or when it is no such moment: the engine says what is wrong with it. */
export function momentBound(type: string, value: unknown): unknown {
  const known = MOMENT.exec(type);
  const time =
    known !== null && typeof value === 'string' && value.includes('T') ? parseTime(value) : undefined;
  if (time === undefined) return value;
  const [seconds = '', fraction = ''] = time.replace('T', ' ').slice(0, -1).split('.');
  const kept = fraction.slice(0, Number(known?.[1] ?? 0));
  return kept === '' ? seconds : `${seconds}.${kept}`;
}
