/**
 * `POST /v1/browser`: batches of pages and apps, in the form of the native protocol. Their keys may only write, work from the
 * origins that they were made for, and have quotas of their own; bodies have a budget of their own, and they take turns
 * within a quarter of the event loop's time, so that a noisy page costs other senders little.
 *
 * Simple requests in the sense of CORS are enough: the key may stand in the address (it is as public as the page), the body
 * may be text/plain, and `gzip=1` says what Content-Encoding may not say without a preflight.
 */
import type { FlatRecord } from '@sillok/record';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Kills } from '../browser/kills.js';
import { CONFIG_CACHE_SECONDS, LAST_WORD_BYTES_MAX } from '../browser/limits.js';
import { allowReading, answerPreflight, checkOrigin } from '../browser/origins.js';
import { Quotas, sourceOf } from '../browser/quotas.js';
import type { MapResolver } from '../browser/map-resolve.js';
import type { PageOwner, Storms } from '../browser/storms.js';
import { browserTouch, ownBody, readBrowserBatch, type BrowserBatch } from '../browser/touch.js';
import { Turns } from '../browser/turns.js';
import { keyMissing, ServerError } from '../errors.js';
import type { IngestDeps, Principal } from '../seams.js';

export interface BrowserDeps extends IngestDeps {
  readonly kills: Kills;
  readonly storms: Storms;
  readonly maps: MapResolver;
}

interface Query {
  readonly key?: string;
  readonly app?: string;
  readonly release?: string;
  readonly gzip?: string;
}
type BrowserRequest = FastifyRequest<{ Querystring: Query }>;

export function registerBrowser(app: FastifyInstance, deps: BrowserDeps): void {
  const quotas = new Quotas();
  const callers = new WeakMap<FastifyRequest, Principal>();
  const turns = new Turns();

  /** Before the body is read: who may not send, or too much, does not cost memory. */
  app.addHook('onRequest', async (request: BrowserRequest, reply) => {
    allowReading(request, reply);
    if (request.method === 'OPTIONS') return;
    const principal = authenticate(deps, request);
    callers.set(request, principal);
    if (request.method === 'GET') return;
    quotas.mustTake('source', sourceOf(request));
    quotas.mustTake('key', principal.keyId);
    if (request.query.gzip === '1') request.headers['content-encoding'] = 'gzip';
  });

  app.options('/v1/browser', answerPreflight);
  app.options('/v1/browser/config', answerPreflight);

  app.get<{ Querystring: Query }>('/v1/browser/config', (request, reply) => {
    const { app: name = '', release } = request.query;
    const project = projectOf(callers, request);
    void reply.header('cache-control', `private, max-age=${CONFIG_CACHE_SECONDS}`);
    return { kill: deps.kills.isKilled({ project, app: name, release }) };
  });

  app.post('/v1/browser', async (request, reply) => {
    const project = projectOf(callers, request);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const charged = { bytes: body.length };
    quotas.charge('source', { name: sourceOf(request), ...charged });
    quotas.charge('key', { name: callers.get(request)?.keyId ?? '', ...charged });
    const batch = readBrowserBatch(body);
    const owner = ownerOf(batch, project);
    if (deps.kills.isKilled(owner) && !isLastWord(batch)) return answerKilled(deps, reply);
    const seen: FlatRecord[] = [];
    const verdict = await turns.take(() =>
      deps.admission.admitNative({
        project,
        body: ownBody(batch, project),
        touch: (first) =>
          browserTouch(first, {
            release: owner,
            maps: deps.maps,
            seen: (record) => void (isCounted(record) && seen.push(record)),
          }),
      }),
    );
    for (const record of seen) deps.storms.see(record, owner);
    return { ...verdict, kill: false };
  });
}

/** By its key alone: a browser that is signed in to the console must not send in the name of that person. */
function authenticate({ auth }: BrowserDeps, request: BrowserRequest): Principal {
  const { key } = request.query;
  if (typeof key === 'string' && key !== '') request.headers.authorization ??= `Bearer ${key}`;
  if (request.headers.authorization === undefined) throw keyMissing();
  const principal = auth.authenticate(request, 'browser');
  checkOrigin(request, principal);
  return principal;
}

function projectOf(callers: WeakMap<FastifyRequest, Principal>, request: FastifyRequest): string {
  const principal = callers.get(request);
  if (principal === undefined) throw keyMissing();
  return principal.project;
}

/** What may be part of a storm. */
function isCounted({ attributes }: FlatRecord): boolean {
  return attributes?.['repeat.signature'] !== undefined;
}

function ownerOf({ header }: BrowserBatch, project: string): PageOwner {
  const { boot, resource } = header;
  const release = String(resource['service.version'] ?? '');
  return { project, app: String(resource['service.name'] ?? ''), release, boot };
}

/** One record that says how much was given up. */
function isLastWord({ lines }: BrowserBatch): boolean {
  const text = lines.subarray(0, LAST_WORD_BYTES_MAX);
  return lines.length <= LAST_WORD_BYTES_MAX && text.indexOf('\n') >= lines.length - 1;
}

function answerKilled({ metrics }: BrowserDeps, reply: FastifyReply): FastifyReply {
  metrics.counter('sillok_browser_killed_total', 'Batches refused because their app is switched off').add();
  const error = new ServerError({
    status: 403,
    code: 'app_killed',
    message: 'This app, or this release of it, is switched off here. Nothing of the batch was stored.',
    help: '"sillok browser list" shows what is off, "sillok browser restore" switches it on.',
  });
  return reply.code(error.status).send({ ...error.body(), kill: true });
}
