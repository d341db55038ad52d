/**
 * What a slice is compared with when nobody said it: with others like it, for beside everything else it is told apart by what it is
 * (access records have a method, the records of one service its version), and that explains nothing. Records are compared with
 * records of the same kinds, of the same service and endpoint where the slice has one, and failures with what did not fail.
 * Where there is nothing like that, with the next wider: failing requests of an endpoint that always fails with others of its service.
 */
import type { WhyAnswer, WhyCondition } from '@sillok/api';
import { writeFieldName, writeValue, type WhyUnit } from '@sillok/query';
import { WHY_TRACED_SHARE_MIN } from '../limits.js';
import type { Side } from './side.js';

export interface Base {
  /** As a search. */
  readonly q: string;
  readonly comparable: WhyAnswer['comparable'];
}

export const EVERYTHING_ELSE: Base = { q: '*', comparable: null };

/** Requests leave records of several kinds; those that say what went wrong are rarely those that say what was asked. */
const REQUEST_KINDS: ReadonlySet<string> = new Set(['access', 'span', 'event']);

/** Requests one by one, and whole traces where the slice is of what was written on the way. */
export function unitOf({ count, traced, kinds }: Side): WhyUnit {
  if (count === 0 || traced / count < WHY_TRACED_SHARE_MIN) return 'record';
  const [kind = '', other] = kinds.keys();
  return other === undefined && REQUEST_KINDS.has(kind) ? 'record' : 'trace';
}

/** From the most alike to everything. */
export function comparableBases(side: Side, unit: WhyUnit): Base[] {
  // A request that went well may have left no log line: by trace, any record of the same service will do.
  const kinds = unit === 'trace' ? [] : [...side.kinds.keys()].toSorted();
  const isFailing = unit === 'record' && side.count > 0 && side.failed === side.count;
  const [service, ...endpoint] = side.shared[0]?.field === 'service.name' ? side.shared : [];
  const wider = [[service, ...endpoint], [service], []].map((some) =>
    some.filter((each) => each !== undefined),
  );
  const bases = wider.map((shared) => baseOf({ kinds, shared, succeeded: isFailing }));
  bases.push(EVERYTHING_ELSE);
  return bases.filter(({ q }, index) => bases[index - 1]?.q !== q);
}

interface Likeness {
  readonly kinds: readonly string[];
  readonly shared: readonly Pick<WhyCondition, 'field' | 'value'>[];
  readonly succeeded: boolean;
}

function baseOf({ kinds, shared, succeeded }: Likeness): Base {
  const [kind, ...more] = kinds;
  const parts = shared.map(({ field, value }) => `${writeFieldName(field)}:${writeValue(value)}`);
  if (kind !== undefined) parts.unshift(more.length === 0 ? `kind:${kind}` : `kind:(${kinds.join(' or ')})`);
  if (succeeded) parts.push('not level:>=error');
  if (parts.length === 0) return EVERYTHING_ELSE;
  return { q: parts.join(' '), comparable: { kinds, shared, succeeded } };
}
