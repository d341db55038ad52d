/** Rows of counts → the numbers that every list of endpoints, services and edges shows. */
import type { Numbers } from '@sillok/api';

/** `requests, errors, quantiles, time` as they stand in a row. */
export function numbersOf(cells: readonly unknown[], seconds: number): Numbers {
  const [requests, errors, quantiles, time] = cells;
  const [p50, p95, p99] = Array.isArray(quantiles) ? quantiles : [];
  const count = Number(requests);
  return {
    requests: count,
    errors: Number(errors),
    rate_per_second: seconds > 0 ? count / seconds : 0,
    error_share: count === 0 ? 0 : Number(errors) / count,
    p50_ms: milliseconds(p50),
    p95_ms: milliseconds(p95),
    p99_ms: milliseconds(p99),
    time_ms: Number(time),
  };
}

/** The engine answers NaN where nothing was measured; as JSON that is null. */
function milliseconds(value: unknown): number | null {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) ? Math.round(number * 1000) / 1000 : null;
}
