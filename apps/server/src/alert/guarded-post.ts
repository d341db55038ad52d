/**
 * A POST to an address that a person of a project typed in. It must not reach what only this server can reach: every address
 * of the name must be a public one, and the connection goes to exactly the addresses that were looked at, so that a name that
 * answers differently the second time (DNS rebinding) changes nothing. Redirects are not followed.
 */
import { lookup, type LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { promisify } from 'node:util';

import ipaddr from 'ipaddr.js';

import { DeliveryError } from './errors.js';
import { DELIVERY_ANSWER_BYTES_MAX, DELIVERY_TIME_MS_MAX } from './limits.js';

export interface GuardedPost {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** SILLOK_ALLOW_PRIVATE_TARGETS: the operator’s word that private addresses are meant. */
  readonly allowPrivate: boolean;
  /** For tests: how names are looked up. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

export interface PostAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

const lookupAll = promisify(lookup);
const resolveAll = (host: string): Promise<LookupAddress[]> => lookupAll(host, { all: true, verbatim: true });

export async function guardedPost(post: GuardedPost): Promise<PostAnswer> {
  const url = new URL(post.url);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new DeliveryError('target_refused', `${url.protocol} is not an address of the web`);
  const addresses = await addressesOf(url, post);
  return send(url, { post, addresses });
}

/** All addresses of a name, each of them allowed. Throws a `DeliveryError` otherwise. */
export async function addressesOf(
  url: URL,
  post: Pick<GuardedPost, 'allowPrivate' | 'resolve'>,
): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const found =
    family > 0
      ? [{ address: host, family }]
      : await (post.resolve ?? resolveAll)(host).catch((cause: unknown) => {
          throw new DeliveryError('target_unreachable', `${host} is not known`, { cause });
        });
  const refused = post.allowPrivate ? undefined : found.find(({ address }) => !isPublic(address));
  if (refused !== undefined || found.length === 0)
    throw new DeliveryError('target_refused', `${host} is not a public address`);
  return found;
}

/** Everything that has a meaning of its own (private, loopback, link-local, mapped, NAT64 …) is not public. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.parse(address).range() === 'unicast';
}

interface Sending {
  readonly post: GuardedPost;
  readonly addresses: readonly LookupAddress[];
}

/** Connects to the addresses that were looked at, whatever the name says by now. */
export function pinnedTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}

function send(url: URL, { post, addresses }: Sending): Promise<PostAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(DELIVERY_TIME_MS_MAX);
    const fail = (cause: unknown): void => {
      const told = cause instanceof Error ? cause.message : String(cause);
      const reason = signal.aborted ? `no answer within ${DELIVERY_TIME_MS_MAX / 1_000} s` : told;
      reject(new DeliveryError('target_unreachable', reason, { cause }));
    };
    const call = request(
      url,
      {
        method: 'POST',
        lookup: pinnedTo(addresses),
        agent: false,
        signal,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(post.body),
          'user-agent': 'sillok-alerts',
          ...post.headers,
        },
      },
      (response) => void readAnswer(response).then(resolve, fail),
    );
    call.on('error', fail).end(post.body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<PostAnswer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response) {
    const buffer = Buffer.from(piece);
    bytes += buffer.length;
    if (bytes > DELIVERY_ANSWER_BYTES_MAX) break;
    pieces.push(buffer);
  }
  const seconds = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    text: Buffer.concat(pieces).toString('utf8'),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  };
}
