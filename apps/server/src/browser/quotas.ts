/** How much one key and one address may send: buckets that fill again by the second. Bytes are taken once they are known. */
import type { FastifyRequest } from 'fastify';

import { isLoopbackAddress } from '../auth.js';
import { ServerError } from '../errors.js';
import {
  KEY_BYTES_BURST_MAX,
  KEY_BYTES_PER_SECOND_MAX,
  KEY_REQUESTS_BURST_MAX,
  KEY_REQUESTS_PER_SECOND_MAX,
  QUOTAS_MAX,
  QUOTA_RETRY_AFTER_SECONDS,
  SOURCE_BYTES_BURST_MAX,
  SOURCE_BYTES_PER_SECOND_MAX,
  SOURCE_REQUESTS_BURST_MAX,
  SOURCE_REQUESTS_PER_SECOND_MAX,
} from './limits.js';

interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

interface Allowance {
  readonly requests: Rate;
  readonly bytes: Rate;
}

export type Quota = 'key' | 'source';

const ALLOWANCES: Readonly<Record<Quota, Allowance>> = {
  key: {
    requests: { burst: KEY_REQUESTS_BURST_MAX, perSecond: KEY_REQUESTS_PER_SECOND_MAX },
    bytes: { burst: KEY_BYTES_BURST_MAX, perSecond: KEY_BYTES_PER_SECOND_MAX },
  },
  source: {
    requests: { burst: SOURCE_REQUESTS_BURST_MAX, perSecond: SOURCE_REQUESTS_PER_SECOND_MAX },
    bytes: { burst: SOURCE_BYTES_BURST_MAX, perSecond: SOURCE_BYTES_PER_SECOND_MAX },
  },
};

interface Use {
  requests: number;
  bytes: number;
  ms: number;
}

export class Quotas {
  /** In order of last use. */
  readonly #uses = new Map<string, Use>();

  /** Before the body is read. Throws 429 when requests or bytes are used up; otherwise one request is taken. */
  mustTake(quota: Quota, name: string): void {
    const use = this.#refilled(quota, name);
    if (use.requests < 1 || use.bytes <= 0) throw usedUp(quota);
    use.requests -= 1;
  }

  /** What the body turned out to hold. May go below nothing: the next request waits for it. */
  charge(quota: Quota, { name, bytes }: { readonly name: string; readonly bytes: number }): void {
    this.#refilled(quota, name).bytes -= bytes;
  }

  #refilled(quota: Quota, name: string): Use {
    const { requests, bytes } = ALLOWANCES[quota];
    const key = `${quota} ${name}`;
    const ms = performance.now();
    const use = this.#uses.get(key) ?? { requests: requests.burst, bytes: bytes.burst, ms };
    const seconds = (ms - use.ms) / 1000;
    use.requests = Math.min(requests.burst, use.requests + seconds * requests.perSecond);
    use.bytes = Math.min(bytes.burst, use.bytes + seconds * bytes.perSecond);
    use.ms = ms;
    this.#uses.delete(key);
    this.#uses.set(key, use);
    this.#forgetOldest();
    return use;
  }

  #forgetOldest(): void {
    if (this.#uses.size <= QUOTAS_MAX) return;
    for (const oldest of this.#uses.keys()) {
      this.#uses.delete(oldest);
      return;
    }
  }
}

/** Who sends: the connection's address, or what the proxy on this machine saw. */
export function sourceOf(request: FastifyRequest): string {
  const address = request.socket.remoteAddress ?? 'unknown';
  const forwarded = request.headers['x-forwarded-for'];
  if (!isLoopbackAddress(address) || typeof forwarded !== 'string') return address;
  return forwarded.split(',').at(-1)?.trim() ?? address;
}

function usedUp(quota: Quota): ServerError {
  const whose = quota === 'key' ? 'key' : 'address';
  return new ServerError({
    status: 429,
    code: 'quota_used_up',
    message: `The quota of this ${whose} is used up. Nothing of this request was stored.`,
    help: 'Send it again after Retry-After seconds; other senders are not held up.',
    retryAfterSeconds: QUOTA_RETRY_AFTER_SECONDS,
  });
}
