/** Gauges of the server, read when `/metrics` is asked for. */
import { KINDS } from '@sillok/record';

import type { EngineLink } from './engine-link.js';
import type { BodyBudget } from './http/body.js';
import type { Metrics } from './metrics.js';
import type { Records } from './records.js';

export interface MetricsParts {
  readonly metrics: Metrics;
  readonly records: Records;
  readonly engine: EngineLink;
  readonly budget: BodyBudget;
}

export function registerServerMetrics({ metrics, records, engine, budget }: MetricsParts): void {
  const { queue, ledger, state } = records;
  metrics.gauge('sillok_engine_up', 'Whether the store answers', () => (engine.status().ready ? 1 : 0));
  metrics.gauge(
    'sillok_engine_restarts',
    'Restarts of the engine since the server started',
    () => engine.status().restarts,
  );
  metrics.gauge(
    'sillok_lag_milliseconds',
    'Age of the oldest record that search does not see',
    () => state.freshness().lag_ms,
  );
  metrics.gauge('sillok_ledger_boots', 'Boots that the ledger remembers', () => ledger.size);
  metrics.gauge('sillok_ledger_forgotten', 'Boots forgotten because of the limit', () => ledger.forgotten);
  metrics.gauge(
    'sillok_bodies_in_flight_bytes',
    'Bodies of requests that are held in memory',
    () => budget.used,
  );
  metrics.gauge('sillok_server_resident_bytes', 'Memory of the server process', () =>
    process.memoryUsage.rss(),
  );
  metrics.gauge('sillok_queue_bytes', 'Size of the queue on disk', () =>
    KINDS.map((kind) => ({ labels: { class: kind }, value: queue.stats(kind).bytes })),
  );
  metrics.gauge('sillok_queue_segments', 'Segments of the queue', () =>
    KINDS.map((kind) => ({ labels: { class: kind }, value: queue.stats(kind).segments })),
  );
}
