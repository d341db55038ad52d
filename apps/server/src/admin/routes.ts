/**
 * `/api/admin/…`: the console's and the command line's way to the admin APIs of the project's services. Here it is checked who asks;
 * what they may do, the service decides, by the role that is signed.
 */
import { decodeToken, ROUTES, type AdminServiceShape, type AdminServicesAnswer } from '@sillok/api';
import type { AdminActor } from '@sillok/admin/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { notFound, ServerError } from '../errors.js';
import { roleOf } from '../people/people.js';
import type { Authenticator, Principal, RecordState } from '../seams.js';
import { callService } from './forward.js';
import { ADMIN_DESCRIBE_MS_MAX, ADMIN_HISTORY_WAIT_MS } from './limits.js';
import type { AdminService } from './services.js';

interface ToService {
  Params: { service: string; '*': string };
}

export interface AdminDeps {
  readonly services: readonly AdminService[];
  readonly auth: Authenticator;
  readonly state: RecordState;
  readonly nameOf: (actor: string) => string;
}

export function registerAdmin(app: FastifyInstance, deps: AdminDeps): void {
  const { services, auth } = deps;
  app.get(ROUTES.admin, async (request): Promise<AdminServicesAnswer> => {
    const principal = auth.authenticate(request, 'read');
    const own = services.filter(({ project }) => project === principal.project);
    const shown = own.map((service) => shownService(service, actorOf(deps, principal, service)));
    return { services: await Promise.all(shown) };
  });
  app.route<ToService>({
    method: ['GET', 'POST'],
    url: ROUTES.adminCall,
    async handler(request, reply) {
      const principal = auth.authenticate(request, 'read');
      const { project } = principal;
      const service = services.find(
        (each) => each.project === project && each.name === request.params.service,
      );
      if (service === undefined) {
        throw notFound(
          `There is no service "${request.params.service}" with an admin API in this project.`,
          'GET /api/admin lists them.',
        );
      }
      const method = request.method === 'POST' ? 'POST' : 'GET';
      const { status, body } = await callService(service, {
        method,
        path: pathOf(request, service.name),
        body: method === 'POST' ? JSON.stringify(request.body ?? {}) : '',
        actor: actorOf(deps, principal, service),
      });
      const answer = method === 'POST' && status === 200 ? await withHistory(deps, project, body) : body;
      return reply.code(status).header('cache-control', 'no-store').send(answer);
    },
  });
}

/** As it was sent: decoding and encoding it again could make another path of it. */
function pathOf(request: FastifyRequest, service: string): string {
  const prefix = `/api/admin/${service}`;
  return request.raw.url?.startsWith(`${prefix}/`) === true ? request.raw.url.slice(prefix.length) : '/';
}

async function shownService(service: AdminService, actor: AdminActor): Promise<AdminServiceShape> {
  const { name, title = name } = service;
  try {
    const call = { method: 'GET', path: '/', body: '', actor, timeMsMax: ADMIN_DESCRIBE_MS_MAX } as const;
    const { status, body } = await callService(service, call);
    if (status !== 200) return { name, title, description: null, problem: `HTTP ${status}` };
    // The contract of `@sillok/admin`: the console reads only what it knows of it.
    return { name, title, description: body as AdminServiceShape['description'], problem: null };
  } catch (error) {
    if (error instanceof ServerError) return { name, title, description: null, problem: error.message };
    throw error;
  }
}

function actorOf({ nameOf }: AdminDeps, principal: Principal, { name }: AdminService): AdminActor {
  const { keyId, sessionId } = principal;
  const via = { door: sessionId === undefined ? 'api' : 'console', service: name } as const;
  return { id: keyId, name: nameOf(keyId).slice(0, 200), role: roleOf(principal), via };
}

/** Answers once the record of the change can be found, so that the history beside the form shows it. */
async function withHistory(deps: AdminDeps, project: string, body: unknown): Promise<unknown> {
  const flushToken: unknown = Object(body)['flush_token'];
  if (typeof flushToken !== 'string') return body;
  const token = decodeToken(flushToken);
  const outcome =
    token === undefined
      ? undefined
      : await deps.state.waitVisible({ ...token, project }, ADMIN_HISTORY_WAIT_MS);
  return { ...Object(body), in_history: outcome?.state === 'visible' };
}
