/**
 * One call to the admin API of a service, signed for the person who asks. It goes to the service's own path and nowhere else: no
 * redirect is followed, the addresses of the name are looked at first, and time and size are limited.
 *
 * What must be told apart: nothing was done (it was never sent), and nobody knows (it was sent, and no answer came).
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

import { signCall, type AdminActor } from '@sillok/admin/wire';

import { DeliveryError } from '../alert/errors.js';
import { addressesOf, pinnedTo } from '../alert/guarded-post.js';
import { notFound, ServerError } from '../errors.js';
import { ADMIN_ANSWER_BYTES_MAX, ADMIN_CALL_MS_MAX } from './limits.js';
import type { AdminService } from './services.js';

export interface AdminCall {
  readonly method: 'GET' | 'POST';
  /** With its query, from the service's own root: `/order?text=kim`. */
  readonly path: string;
  /** JSON; empty for none. */
  readonly body: string;
  readonly actor: AdminActor;
  readonly timeMsMax?: number;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

export async function callService(service: AdminService, call: AdminCall): Promise<AdminAnswer> {
  const url = addressOf(service, call.path);
  const addresses = await addressesOf(url, { allowPrivate: service.private }).catch((error: unknown) => {
    throw error instanceof DeliveryError ? away(service, error.message, error) : error;
  });
  const response = await send(service, { call, url, lookup: pinnedTo(addresses) });
  if (response.status === 401) throw refusedUs(service, response.body);
  return response;
}

/** A path that climbs out of the service's own would reach what it does not offer, with our signature on it. */
function addressOf({ url }: AdminService, path: string): URL {
  const base = url.replace(/\/+$/, '');
  const root = new URL(base).pathname.replace(/\/+$/, '');
  const full = new URL(`${base}${path}`);
  const isInside = full.origin === new URL(base).origin && full.pathname.startsWith(`${root}/`);
  if (!isInside || `${full.pathname}${full.search}` !== `${root}${path}`)
    throw notFound('There is no such call of the admin API.');
  return full;
}

interface Sending {
  readonly call: AdminCall;
  readonly url: URL;
  readonly lookup: ReturnType<typeof pinnedTo>;
}

function send(service: AdminService, { call, url, lookup }: Sending): Promise<AdminAnswer> {
  const { method, path, body, actor, timeMsMax = ADMIN_CALL_MS_MAX } = call;
  const { secret, name } = service;
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    let isSent = false;
    const fail = (cause: unknown): void => {
      if (cause instanceof ServerError) return reject(cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      reject(isSent && method === 'POST' ? unknownOutcome(service, cause) : away(service, reason, cause));
    };
    const sending = request(
      url,
      {
        method,
        lookup,
        agent: false,
        signal: AbortSignal.timeout(timeMsMax),
        headers: {
          accept: 'application/json',
          'user-agent': 'sillok',
          ...(body === '' ? {} : { 'content-type': 'application/json' }),
          'content-length': Buffer.byteLength(body),
          ...signCall({ method, path, body }, { secret, service: name, actor }),
        },
      },
      (response) => void readAnswer(service, response).then(resolve, fail),
    );
    // From the moment at which there is a connection the service may have begun.
    sending.on('socket', (socket) => {
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (isSent = true));
    });
    sending.on('error', fail).end(body);
  });
}

async function readAnswer(service: AdminService, response: IncomingMessage): Promise<AdminAnswer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    const buffer = Buffer.from(piece);
    bytes += buffer.length;
    if (bytes > ADMIN_ANSWER_BYTES_MAX) {
      response.destroy();
      throw answered(service, `more than ${ADMIN_ANSWER_BYTES_MAX} bytes`);
    }
    pieces.push(buffer);
  }
  const status = response.statusCode ?? 0;
  if (status < 200 || (status >= 300 && status < 400)) throw answered(service, `HTTP ${status}`);
  try {
    return { status, body: JSON.parse(Buffer.concat(pieces).toString('utf8')) };
  } catch {
    throw answered(service, `HTTP ${status} without JSON`);
  }
}

function away({ name }: AdminService, reason: string, cause: unknown): ServerError {
  return new ServerError({
    status: 502,
    code: 'service_away',
    message: `${name} cannot be reached: ${reason.slice(0, 200)}. Nothing was done.`,
    help: 'Try again when it runs. An operator finds its address in the file of SILLOK_ADMIN_SERVICES.',
    cause,
  });
}

function unknownOutcome({ name }: AdminService, cause: unknown): ServerError {
  return new ServerError({
    status: 504,
    code: 'outcome_unknown',
    message: `${name} did not answer in time: whether it was done is not known yet.`,
    help: 'Confirm again: it is done once, however often it is sent. The history settles it by itself.',
    cause,
  });
}

function answered({ name }: AdminService, what: string): ServerError {
  return new ServerError({
    status: 502,
    code: 'service_answered',
    message: `${name} answered something that is no admin API: ${what}.`,
    help: 'An operator checks the url in the file of SILLOK_ADMIN_SERVICES: redirects are not followed.',
  });
}

/** 401 would say to the console that its own session has ended. */
function refusedUs({ name }: AdminService, body: unknown): ServerError {
  const message: unknown = Object(Object(body)['error'])['message'];
  const why = typeof message === 'string' ? message.slice(0, 300) : 'HTTP 401';
  return new ServerError({
    status: 502,
    code: 'service_refused',
    message: `${name} does not trust this server: ${why}`,
    help: 'Name and secret must be the same on both sides, and the clocks must agree.',
  });
}
