/** The body of a request, inflated, within its limit. Inflated bytes are counted while they come. */
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { Readable } from 'node:stream';
import { refusal } from '../errors.js';
import { INSERT_BODY_BYTES_MAX } from '../limits.js';

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of inflated(request)) {
    // Streams without an encoding give Buffers.
    const buffer = chunk as Buffer;
    bytes += buffer.length;
    if (bytes > INSERT_BODY_BYTES_MAX) {
      throw refusal('tooManyBytes', `Body is larger than ${INSERT_BODY_BYTES_MAX} bytes`);
    }
    chunks.push(buffer);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, bytes);
}

function inflated(request: IncomingMessage): Readable {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity' || encoding === '') return request;
  if (encoding === 'gzip') return request.pipe(createGunzip());
  throw refusal('unsupported', `Content-Encoding ${encoding} is not supported; use gzip`);
}
