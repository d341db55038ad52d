/** Many records with text that does not compress, the same in every run. */
import type { FlatRecord } from '@sillok/record';

export function createRandomRecords(count: number, { days }: { days: number }): FlatRecord[] {
  let state = 88675123;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const hex = (): string => next().toString(16).padStart(8, '0');
  return Array.from({ length: count }, (_, index): FlatRecord => {
    const day = new Date(Date.UTC(2026, 0, 1 + (index % days), next() % 24))
      .toISOString()
      .replace('Z', '000000Z');
    return {
      seq: index + 1,
      time: day,
      kind: 'log',
      level: next() % 50 === 0 ? 'error' : 'info',
      message: `order ${next() % 100_000} 결제가 완료되었습니다 ${hex()}`,
      trace_id: hex() + hex() + hex() + hex(),
      attributes: { 'order.id': next() % 1000, region: `r${next() % 5}`, note: hex() },
    };
  });
}
