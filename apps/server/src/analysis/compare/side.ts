/** One side of a comparison as it was counted: by time and kind, with what all of its records share. */
import type { WhyCondition } from '@sillok/api';
import { SHARED_FIELDS } from '@sillok/query';

export interface Bin {
  readonly bin: bigint;
  readonly kind: string;
  readonly count: number;
  /** Of its first and its last record, in nanoseconds since 1970. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

export interface Side {
  readonly count: number;
  readonly traced: number;
  readonly failed: number;
  /** Of a slice: all records of the project in its range. */
  readonly all: number;
  readonly kinds: ReadonlyMap<string, number>;
  /** Values that all of its records have. */
  readonly shared: readonly Pick<WhyCondition, 'field' | 'value'>[];
  readonly bins: readonly Bin[];
}

export function sideOf(rows: readonly unknown[][]): Side {
  const kinds = new Map<string, number>();
  const values = SHARED_FIELDS.map(() => new Set<string>());
  const sums = { count: 0, traced: 0, failed: 0 };
  const bins = rows.map(([bin, kind, n, first, last, , traced = 0, failed = 0, ...shared]) => {
    const count = Number(n);
    sums.count += count;
    sums.traced += Number(traced);
    sums.failed += Number(failed);
    kinds.set(String(kind), (kinds.get(String(kind)) ?? 0) + count);
    for (const [index, some] of shared.entries())
      for (const value of Array.isArray(some) ? some : []) values[index]?.add(String(value));
    return {
      ...{ bin: BigInt(String(bin)), kind: String(kind), count },
      ...{ firstNs: BigInt(String(first)), lastNs: BigInt(String(last)) },
    };
  });
  const shared = SHARED_FIELDS.flatMap((field, index) => {
    const [value = '', other] = values[index] ?? [];
    return value === '' || other !== undefined ? [] : [{ field, value }];
  });
  return { ...sums, all: Number(rows[0]?.[5] ?? 0), kinds, shared, bins };
}
