/**
 * What the protocols need of a request besides its bytes.
 *
 * The server's own parser has read `request.body` by then: inflated, counted while it streamed, refused when too large.
 */
import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { invariant } from '@sillok/record';
import { ServerError } from '../errors.js';
import type { IngestDeps } from '../seams.js';

export interface Body {
  readonly bytes: Buffer;
  /** SHA-256 of the inflated bytes, hex: what tells a retry from news. */
  readonly hash: string;
}

export function bodyOf(request: FastifyRequest): Body {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  return { bytes, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** The media type without its parameters, lower case; empty when there is none. */
export function mediaType(request: FastifyRequest): string {
  const value = request.headers['content-type'] ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** 415, with what would have been understood. */
export function wrongContentType(found: string, expected: string): ServerError {
  return new ServerError({
    status: 415,
    code: 'content_type_refused',
    message: `Content-Type "${found.slice(0, 100)}" is not understood here.`,
    help: `Send ${expected}.`,
  });
}

const projects = new WeakMap<FastifyRequest, string>();

/** Asks for the key before the body is read: who may not send does not cost memory. */
export function authenticateFirst(scope: FastifyInstance, deps: IngestDeps): void {
  scope.addHook('onRequest', async (request) => {
    translateCredentials(request);
    projects.set(request, deps.auth.authenticate(request, 'ingest').project);
  });
}

/** Whose records they are. */
export function projectOf(request: FastifyRequest): string {
  const project = projects.get(request);
  invariant(project !== undefined, 'a route of an ingest protocol was reached without a key');
  return project;
}

/**
 * Shippers of other stores send their password as `Basic user:KEY` or `ApiKey base64(id:KEY)`. The key is put where
 * this server looks for keys; everything else stays as it was sent.
 */
function translateCredentials(request: FastifyRequest): void {
  const match = /^(basic|apikey)\s+(\S+)$/i.exec(request.headers.authorization ?? '');
  if (!match) return;
  const text = Buffer.from(match[2] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const decoded = colon >= 0 ? text.slice(colon + 1) : match[2];
  request.headers.authorization = `Bearer ${decoded}`;
}
