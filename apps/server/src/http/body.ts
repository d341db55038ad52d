/**
 * Reads request bodies of ingest: gzip or none, counted while they inflate, all of them together within one budget.
 *
 * gzip reaches 1,029:1, so neither the size on the wire nor the number of requests bounds memory; the budget does. What
 * does not fit gets 429 (try again) or 413 (never), and nothing of it is stored.
 */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { invariant } from '@sillok/record';

import { bodyBroken, bodyTooLarge, encodingRefused, overloaded, ServerError } from '../errors.js';
import {
  BODIES_IN_FLIGHT_BYTES_MAX,
  BODY_BYTES_MAX,
  BODY_INFLATED_BYTES_MAX,
  BODY_SLOW_MS,
  INFLATE_CHUNK_BYTES,
  INFLATE_RATIO_EXPECTED,
  RETRY_AFTER_SECONDS,
} from '../limits.js';

/**
 * Bytes of all bodies in flight. They are counted as they come, not as they are announced, so that a client that announces
 * much and sends nothing takes nothing. When there is no room, a body that has been arriving for long gives way: one that
 * got stuck must not keep the others out.
 */
export class BodyBudget {
  #used = 0;
  /** In the order in which they began. */
  readonly #arriving = new Set<Share>();
  readonly #bytesMax: number;
  readonly #clockMs: () => number;

  constructor(
    bytesMax: number = BODIES_IN_FLIGHT_BYTES_MAX,
    clockMs: () => number = () => performance.now(),
  ) {
    this.#bytesMax = bytesMax;
    this.#clockMs = clockMs;
  }

  get used(): number {
    return this.#used;
  }

  /** Throws 429 when it would be too much. */
  take(bytes: number, asker: Share): void {
    while (this.#used + bytes > this.#bytesMax) {
      const slow = this.#slowBeside(asker);
      if (slow === undefined) throw overloaded('too many bodies are in flight', RETRY_AFTER_SECONDS);
      slow.giveWay(overloaded('this body arrived too slowly while others waited', RETRY_AFTER_SECONDS));
    }
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }

  begin(share: Share): number {
    this.#arriving.add(share);
    return this.#clockMs();
  }

  end(share: Share): void {
    this.#arriving.delete(share);
  }

  #slowBeside(asker: Share): Share | undefined {
    const latestMs = this.#clockMs() - BODY_SLOW_MS;
    for (const share of this.#arriving) {
      if (share.beganMs > latestMs) return undefined;
      if (share !== asker && share.held > 0) return share;
    }
    return undefined;
  }
}

/** What one request holds of the budget. */
class Share {
  /** When its body began to arrive. */
  beganMs = 0;
  #held = 0;
  #closed = false;
  #abandon: ((error: ServerError) => void) | undefined;
  readonly #budget: BodyBudget;
  readonly #reply: FastifyReply;

  constructor(budget: BodyBudget, reply: FastifyReply) {
    this.#budget = budget;
    this.#reply = reply;
  }

  get held(): number {
    return this.#held;
  }

  grow(bytes: number): void {
    if (this.#closed || bytes <= this.#held) return;
    this.#budget.take(bytes - this.#held, this);
    this.#held = bytes;
  }

  beginArriving(abandon: (error: ServerError) => void): void {
    this.#abandon = abandon;
    this.beganMs = this.#budget.begin(this);
  }

  endArriving(): void {
    this.#abandon = undefined;
    this.#budget.end(this);
  }

  giveWay(error: ServerError): void {
    // The rest of it is not worth reading.
    void this.#reply.header('connection', 'close');
    const abandon = this.#abandon;
    this.close();
    abandon?.(error);
  }

  close(): void {
    this.endArriving();
    this.#closed = true;
    this.#budget.give(this.#held);
    this.#held = 0;
  }
}

/** What one body may have. */
export interface BodyLimits {
  readonly sentBytesMax: number;
  readonly inflatedBytesMax: number;
}

const INGEST_LIMITS: BodyLimits = { sentBytesMax: BODY_BYTES_MAX, inflatedBytesMax: BODY_INFLATED_BYTES_MAX };

/** In this scope `request.body` is a Buffer, whatever its content type; the budget is given back with the answer. */
export function useRawBodies(
  app: FastifyInstance,
  budget: BodyBudget,
  limits: BodyLimits = INGEST_LIMITS,
): void {
  const shares = new WeakMap<FastifyRequest, Share>();
  app.addHook('onRequest', async (request, reply) => {
    const share = new Share(budget, reply);
    shares.set(request, share);
    reply.raw.once('close', () => share.close());
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const share = shares.get(request);
    invariant(share !== undefined, 'a body came without the request that it belongs to');
    return readBody(payload, { headers: request.headers, share, limits });
  });
}

interface Incoming {
  readonly headers: FastifyRequest['headers'];
  readonly share: Share;
  readonly limits: BodyLimits;
}

async function readBody(payload: Readable, { headers, share, limits }: Incoming): Promise<Buffer> {
  const { sentBytesMax, inflatedBytesMax } = limits;
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const isGzip = encoding === 'gzip' || encoding === 'x-gzip';
  if (!isGzip && encoding !== 'identity' && encoding !== '') throw encodingRefused(encoding);
  const told = Number(headers['content-length'] ?? 0);
  if (told > sentBytesMax) throw bodyTooLarge(sentBytesMax);
  const sent = await arrive(payload, { bytesMax: sentBytesMax, share });
  if (!isGzip || sent.length === 0) return sent;
  share.grow(Math.min(sent.length * INFLATE_RATIO_EXPECTED, inflatedBytesMax));
  const gunzip = createGunzip({ chunkSize: inflateChunkBytes(sent) });
  gunzip.end(sent);
  return collect(gunzip, { bytesMax: inflatedBytesMax, share });
}

/** gzip ends with the inflated size (modulo 2^32). It may lie, so it is a hint for the size of the pieces only. */
function inflateChunkBytes(sent: Buffer): number {
  if (sent.length < 18) return INFLATE_CHUNK_BYTES;
  const told = sent.readUInt32LE(sent.length - 4) + 1;
  return Math.min(Math.max(told, INFLATE_CHUNK_BYTES), INFLATE_CHUNK_BYTES * 32);
}

interface Room {
  readonly bytesMax: number;
  readonly share: Share;
}

/** What the client sends, to its end; or the reason why it was given up, with the connection still good for an answer. */
function arrive(payload: Readable, { bytesMax, share }: Room): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (): void => {
      payload.off('data', take);
      share.endArriving();
      payload.resume();
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error instanceof ServerError ? error : bodyBroken(error));
    };
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      try {
        if (bytes > bytesMax) throw bodyTooLarge(bytesMax);
        share.grow(bytes);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    share.beginArriving(fail);
    payload.once('end', () => {
      stop();
      resolve(joined(chunks, bytes));
    });
    payload.once('error', fail);
    payload.once('close', () => fail(new Error('the connection was closed')));
    payload.on('data', take);
  });
}

async function collect(source: Readable, { bytesMax, share }: Room): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      // gunzip gives Buffers: no encoding was set on it.
      const piece = chunk as Buffer;
      bytes += piece.length;
      if (bytes > bytesMax) throw bodyTooLarge(bytesMax);
      share.grow(bytes);
      chunks.push(piece);
    }
  } catch (error) {
    throw error instanceof ServerError ? error : bodyBroken(error);
  }
  return joined(chunks, bytes);
}

function joined(chunks: readonly Buffer[], bytes: number): Buffer {
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}
