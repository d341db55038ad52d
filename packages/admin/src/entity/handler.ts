/**
 * The admin API over HTTP: a listener for `node:http`, and so for Express and Fastify. It takes only calls that Sillok's server has
 * signed, reads the body itself (the signature is over its bytes), and answers JSON.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { getLogger } from '@sillok/node';
import type { z } from 'zod';
import { AdminError } from '../errors.js';
import { ADMIN_BODY_BYTES_MAX } from '../limits.js';
import type { AnyAdmin } from './admin.js';
import { openApiOf } from './describe.js';
import { ACTOR_HEADER, SIGNATURE_HEADER, SignatureCheck, type AdminActor } from './signature.js';
import {
  decisionBody,
  planBody,
  runBody,
  SCRIPT_ORDERS,
  scriptOrderBody,
  scriptStartBody,
  type AdminErrorBody,
} from './wire.js';

export interface HandlerOptions {
  /** Where it is mounted, if whoever mounts it leaves that in the address: `/internal/admin`. Express takes it away. */
  readonly base?: string;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

export function adminHandler(admin: AnyAdmin, { base = '' }: HandlerOptions = {}): Listener {
  const check = new SignatureCheck(admin.secret, admin.service);
  return (request, response) => {
    const path = pathBehind(request.url ?? '/', base);
    void serve({ admin, check, request, path }).then(
      (answer) => send(response, 200, answer),
      (error: unknown) => {
        const known = error instanceof AdminError ? error : bug(error);
        if (known.status >= 500) say(admin, known);
        const { code, message, help, more } = known;
        const body: AdminErrorBody = { error: { code, message, help, ...more } };
        send(response, known.status, body);
      },
    );
  };
}

interface Served {
  readonly admin: AnyAdmin;
  readonly check: SignatureCheck;
  readonly request: IncomingMessage;
  readonly path: string;
}

async function serve({ admin, check, request, path }: Served): Promise<unknown> {
  const body = await readBody(request);
  const { method = 'GET', headers } = request;
  const given = { actor: one(headers[ACTOR_HEADER]), signature: one(headers[SIGNATURE_HEADER]) };
  const verdict = check.check({ method, path, body }, given);
  if (!verdict.ok) {
    throw new AdminError({
      status: 401,
      code: 'not_signed',
      message: `This call was refused: ${verdict.reason}. Nothing was done.`,
      help: 'Calls come through Sillok’s server, which signs them: docs/guides/first-admin-entity.md.',
    });
  }
  const { pathname, searchParams } = new URL(path, 'http://admin');
  const parts = pathname.split('/').slice(1).map(decodeURIComponent);
  return method === 'GET'
    ? get({ admin, actor: verdict.actor, parts }, searchParams)
    : post({ admin, actor: verdict.actor, parts }, body);
}

interface Asked {
  readonly admin: AnyAdmin;
  readonly actor: AdminActor;
  readonly parts: readonly string[];
}

async function get({ admin, actor, parts }: Asked, parameters: URLSearchParams): Promise<unknown> {
  const [type = '', kind, id] = parts;
  if (parts.length === 1 && type === '') return admin.describe();
  if (parts.length === 1 && type === 'openapi.json') return openApiOf(admin.describe());
  if (parts.length === 1 && type === 'requests') return { requests: await admin.requests(actor) };
  if (type === 'scripts' && parts.length === 1) return admin.scripts.list(actor);
  if (type === 'scripts' && parts.length === 3 && kind === 'runs') return admin.scripts.run(actor, id ?? '');
  if (parts.length === 3 && kind === 'entities' && id !== undefined) return admin.read(actor, { type, id });
  if (parts.length !== 1) throw noSuchCall();
  const limit = Number(parameters.get('limit') ?? Number.NaN);
  return admin.search(actor, {
    type,
    text: parameters.get('text') ?? '',
    limit: Number.isSafeInteger(limit) && limit > 0 ? limit : undefined,
    cursor: parameters.get('cursor') ?? undefined,
  });
}

async function post({ admin, actor, parts }: Asked, body: Buffer): Promise<unknown> {
  const [type = '', kind, action = '', what] = parts;
  if (parts.length === 4 && kind === 'actions' && what === 'plan')
    return admin.plan(actor, { type, action }, bodyOf(planBody, body));
  if (parts.length === 4 && kind === 'actions' && what === 'run') {
    const answer = await admin.run(actor, { type, action }, bodyOf(runBody, body));
    return { ...answer, flush_token: await tokenOf(admin) };
  }
  if (type === 'scripts') return postScript({ admin, actor, parts }, body);
  // /requests/<id>/approve
  if (parts.length === 3 && type === 'requests' && (action === 'approve' || action === 'reject')) {
    const { key, reason } = bodyOf(decisionBody, body);
    const answer = await admin.decide(actor, { id: kind ?? '', decision: action, key, reason });
    return { ...answer, flush_token: await tokenOf(admin) };
  }
  throw noSuchCall();
}

/** `/scripts/<name>/start`, `/scripts/runs/<run>/pause` and other orders */
function postScript({ admin, actor, parts }: Asked, body: Buffer): Promise<unknown> {
  const [, name = '', run = '', word] = parts;
  if (parts.length === 3 && run === 'start')
    return admin.scripts.start(actor, name, bodyOf(scriptStartBody, body));
  const order = SCRIPT_ORDERS.find((each) => each === word);
  if (parts.length !== 4 || name !== 'runs' || order === undefined) throw noSuchCall();
  return admin.scripts.order(actor, run, { order, ...bodyOf(scriptOrderBody, body) });
}

/** Names the last record: a reader who waits for it finds the change in the history. */
async function tokenOf({ logger }: AnyAdmin): Promise<string | null> {
  try {
    return await (logger ?? getLogger()).flush();
  } catch {
    // The change is done and its record is on the disk; only the reader does not know what to wait for.
    return null;
  }
}

function bodyOf<T>(shape: z.ZodType<T>, body: Buffer): T {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw bodyInvalid('it is not JSON');
  }
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw bodyInvalid(`${issue?.path.join('.')}: ${issue?.message}`);
}

function bodyInvalid(what: string): AdminError {
  return new AdminError({
    status: 400,
    code: 'body_invalid',
    message: `The body cannot be taken: ${what}. Nothing was done.`,
    help: 'GET /openapi.json of the admin API says what each call takes.',
  });
}

function noSuchCall(): AdminError {
  return new AdminError({
    status: 404,
    code: 'not_found',
    message: 'There is no such call.',
    help: 'GET /openapi.json of the admin API lists them.',
  });
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  if (request.readableEnded && request.method !== 'GET') {
    throw new AdminError({
      status: 500,
      code: 'body_invalid',
      message: 'Something has read the body of this call before the admin API. Nothing was done.',
      help: 'Mount it before express.json() and other body parsers: its signature is over the bytes.',
    });
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    const buffer = Buffer.from(piece);
    bytes += buffer.length;
    if (bytes > ADMIN_BODY_BYTES_MAX) throw bodyInvalid(`it is larger than ${ADMIN_BODY_BYTES_MAX} bytes`);
    pieces.push(buffer);
  }
  return Buffer.concat(pieces);
}

function pathBehind(url: string, base: string): string {
  const rest = url.startsWith(base) ? url.slice(base.length) : url;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function one(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}

function say({ logger }: AnyAdmin, error: AdminError): void {
  (logger ?? getLogger()).error({ err: error.cause ?? error, 'error.code': error.code }, error.message);
}

function bug(cause: unknown): AdminError {
  return new AdminError({
    status: 500,
    code: 'action_failed',
    message: 'The admin API of the service failed.',
    help: 'The log of the service says why.',
    cause,
  });
}
