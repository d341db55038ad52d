/**
 * `/livez`, `/readyz`, `/metrics`: for whoever runs the server. Open to all: they say nothing about records. Numbers that belong
 * to a project are for its keys.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';

import type { EngineStatus } from '../engine-link.js';
import type { Metrics } from '../metrics.js';
import type { Authenticator } from '../seams.js';

export interface HealthDeps {
  readonly version: string;
  readonly metrics: Metrics;
  readonly auth: Pick<Authenticator, 'authenticate'>;
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

  app.get('/metrics', (request, reply) => {
    const sees = projectsFor(deps.auth, request);
    const text = deps.metrics.render(({ project }) => project === undefined || sees(project));
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}

/** Without a key nobody's, with one those of its project, with an owner's all. */
function projectsFor(auth: HealthDeps['auth'], request: FastifyRequest): (project: string) => boolean {
  if (request.headers.authorization === undefined) return () => false;
  const { project, scopes } = auth.authenticate(request, 'read');
  return (asked) => asked === project || scopes.includes('owner');
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
