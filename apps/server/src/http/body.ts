/**
 * Reads request bodies of ingest: gzip or none, counted while they inflate, all of them together within one budget.
 *
 * gzip reaches 1,029:1, so neither the size on the wire nor the number of requests bounds memory; the budget does. What
 * does not fit gets 429 (try again) or 413 (never), and nothing of it is stored.
 */
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

import type { FastifyInstance, FastifyRequest } from 'fastify';

import { bodyBroken, bodyTooLarge, encodingRefused, overloaded, ServerError } from '../errors.js';
import {
  BODIES_IN_FLIGHT_BYTES_MAX,
  BODY_BYTES_MAX,
  BODY_INFLATED_BYTES_MAX,
  INFLATE_CHUNK_BYTES,
  INFLATE_RATIO_EXPECTED,
  RETRY_AFTER_SECONDS,
} from '../limits.js';

/** Bytes of all bodies in flight. */
export class BodyBudget {
  #used = 0;
  readonly #bytesMax: number;

  constructor(bytesMax: number = BODIES_IN_FLIGHT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  /** Throws 429 when it would be too much. */
  take(bytes: number): void {
    if (this.#used + bytes > this.#bytesMax)
      throw overloaded('too many bodies are in flight', RETRY_AFTER_SECONDS);
    this.#used += bytes;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** What one request holds of the budget: first a guess, then what it has really become. */
class Share {
  #held = 0;
  #closed = false;
  readonly #budget: BodyBudget;

  constructor(budget: BodyBudget) {
    this.#budget = budget;
  }

  grow(bytes: number): void {
    if (this.#closed || bytes <= this.#held) return;
    this.#budget.take(bytes - this.#held);
    this.#held = bytes;
  }

  close(): void {
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
    const share = new Share(budget);
    shares.set(request, share);
    reply.raw.once('close', () => share.close());
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    const share = shares.get(request) ?? new Share(budget);
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
  share.grow(Math.min(told * (isGzip ? INFLATE_RATIO_EXPECTED : 1), inflatedBytesMax));
  const sent = await collect(payload, { bytesMax: sentBytesMax, share });
  if (!isGzip || sent.length === 0) return sent;
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

async function collect(
  source: Readable,
  { bytesMax, share }: { bytesMax: number; share: Share },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      // Bodies and gunzip give Buffers: no encoding was set on them.
      const piece = chunk as Buffer;
      bytes += piece.length;
      if (bytes > bytesMax) throw bodyTooLarge(bytesMax);
      share.grow(bytes);
      chunks.push(piece);
    }
  } catch (error) {
    throw error instanceof ServerError ? error : bodyBroken(error);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}
