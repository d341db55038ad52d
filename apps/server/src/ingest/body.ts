/**
 * Reads a request body: bounded on the wire, bounded after gzip, bounded over all requests together.
 *
 * The bytes are counted while they stream through the inflater, so a bomb costs its limit and not its size. Only
 * gzip is taken: brotli reaches 609,637:1. What comes after are the protocols' parsers; they get whole bodies.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ServerError, bodyBroken, bodyTooLarge, encodingRefused, overloaded } from '../errors.js';
import {
  BODIES_BYTES_MAX,
  BODY_BYTES_MAX,
  BUSY_RETRY_SECONDS,
  DRAIN_BYTES_MAX,
  INFLATED_BYTES_MAX,
} from './limits.js';

export interface Body {
  readonly bytes: Buffer;
  /** SHA-256 of the inflated bytes, hex: what tells a retry from news. */
  readonly hash: string;
}

/** Bytes held by all requests together. One per server. */
export interface BodyBudget {
  bytes: number;
}

export function createBodyBudget(): BodyBudget {
  return { bytes: 0 };
}

/** Hands bodies of any type to the handlers as streams; fastify's own JSON parser would buffer them. */
export function takeRawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
}

/**
 * Reads the whole body, runs `work` on it, and gives its share of the budget back whatever happens.
 * Throws `ServerError`: 413, 415, 429, or 400 for a body that is broken or cut.
 */
export async function withBody<T>(
  request: FastifyRequest,
  budget: BodyBudget,
  work: (body: Body) => Promise<T>,
): Promise<T> {
  const held = { bytes: 0 };
  try {
    const bytes = await readBytes(request, (count) => {
      held.bytes += count;
      budget.bytes += count;
      if (budget.bytes > BODIES_BYTES_MAX) throw busy();
    });
    return await work({ bytes, hash: createHash('sha256').update(bytes).digest('hex') });
  } finally {
    budget.bytes -= held.bytes;
  }
}

/** The media type without its parameters, lower case; empty when there is none. */
export function mediaType(request: FastifyRequest): string {
  const value = request.headers['content-type'] ?? '';
  return (value.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** The rest of a refused body is read and dropped, else many clients report a reset and not the answer. */
export function drain(request: FastifyRequest, reply: FastifyReply): void {
  const stream = request.raw;
  if (stream.readableEnded || stream.destroyed) return;
  reply.header('connection', 'close');
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DRAIN_BYTES_MAX) stream.destroy();
  });
  stream.on('error', () => undefined);
  stream.resume();
}

async function readBytes(request: FastifyRequest, take: (bytes: number) => void): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) {
    throw bodyTooLarge(BODY_BYTES_MAX);
  }
  const wire = request.raw;
  // snappy is not a stream: its protocols hand the bytes on as they are and inflate them with a limit.
  if (encoding === 'identity' || encoding === '' || encoding === 'snappy') {
    return collect(wire, BODY_BYTES_MAX, take);
  }
  if (encoding === 'gzip' || encoding === 'x-gzip') return collectGzip(wire, take);
  throw encodingRefused(encoding.slice(0, 40));
}

async function collectGzip(wire: Readable, take: (bytes: number) => void): Promise<Buffer> {
  const gunzip = createGunzip();
  let wireBytes = 0;
  wire.on('data', (chunk: Buffer) => {
    wireBytes += chunk.length;
    if (wireBytes > BODY_BYTES_MAX) gunzip.destroy(bodyTooLarge(BODY_BYTES_MAX));
  });
  const failed = (error: Error): void => void gunzip.destroy(error);
  wire.once('error', failed);
  wire.once('aborted', () => failed(cut()));
  wire.pipe(gunzip);
  try {
    return await collect(gunzip, INFLATED_BYTES_MAX, take);
  } catch (error) {
    throw error instanceof ServerError ? error : bodyBroken(error);
  } finally {
    wire.unpipe(gunzip);
    gunzip.destroy();
  }
}

function collect(stream: Readable, bytesMax: number, take: (bytes: number) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const stop = (error: Error): void => {
      stream.off('data', onData);
      stream.pause();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > bytesMax) return stop(bodyTooLarge(bytesMax));
      try {
        take(chunk.length);
      } catch (error) {
        return stop(error instanceof Error ? error : new Error(String(error)));
      }
      chunks.push(chunk);
    };
    stream.on('data', onData);
    stream.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes)));
    stream.once('error', reject);
    stream.once('close', () => reject(cut()));
  });
}

function cut(): ServerError {
  return bodyBroken(new Error('the connection ended before the whole body had arrived'));
}

function busy(): ServerError {
  return overloaded('it is reading as many bodies as it may hold at one time', BUSY_RETRY_SECONDS);
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

/** Whatever was thrown, as an error that a client may see: a bug's message stays in the log. */
export function toServerError(thrown: unknown): ServerError {
  if (thrown instanceof ServerError) return thrown;
  return new ServerError({
    status: 500,
    code: 'internal',
    message: 'The server failed. This request was not acknowledged.',
    help: 'The log of the server says more. Send it again.',
    cause: thrown,
  });
}
