/** `/livez`, `/readyz`, `/metrics`: for whoever runs the server. Open to all: they say nothing about records. */
import type { FastifyInstance } from 'fastify';

import type { EngineStatus } from '../engine-link.js';
import type { Metrics } from '../metrics.js';

export interface HealthDeps {
  readonly version: string;
  readonly metrics: Metrics;
  engine(): EngineStatus;
  queue(): { readonly ready: boolean; readonly reason?: string };
  isStopping(): boolean;
}

export function registerHealth(app: FastifyInstance, deps: HealthDeps): void {
  app.get('/livez', () => ({ alive: true, version: deps.version }));

  /** 200 when records are taken and can be searched. Each dependency says how it is. */
  app.get('/readyz', (_request, reply) => {
    const engine = deps.engine();
    const queue = deps.queue();
    const ready = engine.ready && queue.ready && !deps.isStopping();
    return reply.code(ready ? 200 : 503).send({ ready, version: deps.version, engine, queue });
  });

  app.get('/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(deps.metrics.render()),
  );
}

/** What stands at `/` until there is a console. */
export function registerFrontPage(app: FastifyInstance, version: string): void {
  app.get('/', () => ({
    name: 'Sillok',
    version,
    search: '/api/search?q=',
    ingest: ['/v1/records', '/v1/logs', '/v1/traces'],
    health: ['/livez', '/readyz', '/metrics'],
  }));
}
