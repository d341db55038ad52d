/** Sends one batch and says what became of it. Never throws: whatever goes wrong is a verdict. */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { Batch } from './batch.js';
import { GZIP_LEVEL, REQUEST_TIMEOUT_MS } from './limits.js';
import type { Transport } from './transport.js';
import { judgeAnswer, type Verdict } from './verdict.js';

// In the thread pool: the host's event loop stays free.
const gzip = promisify<Uint8Array, zlib.ZlibOptions, Uint8Array>(zlib.gzip);

export interface Delivery {
  readonly url: string;
  readonly key: string | undefined;
  readonly transport: Transport;
  readonly clockMs: () => number;
}

export interface Parcel {
  readonly headerLine: string;
  readonly batch: Batch;
  readonly signal: AbortSignal;
}

export async function deliver(delivery: Delivery, parcel: Parcel): Promise<Verdict> {
  const { url, key, transport, clockMs } = delivery;
  try {
    const body = await gzip(encodeBody(parcel), { level: GZIP_LEVEL });
    const headers = {
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      accept: 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
    const { signal } = parcel;
    const answer = await transport.post({
      url: recordsUrl(url),
      headers,
      body,
      timeoutMs: REQUEST_TIMEOUT_MS,
      signal,
    });
    return judgeAnswer(answer, clockMs());
  } catch (error) {
    return { type: 'retry', reason: describe(error), waitMs: undefined };
  }
}

const NEWLINE = Buffer.from('\n');

function encodeBody(parcel: Parcel): Buffer<ArrayBuffer> {
  const pieces: Uint8Array[] = [Buffer.from(parcel.headerLine), NEWLINE];
  for (const { line } of parcel.batch.lines) pieces.push(line, NEWLINE);
  return Buffer.concat(pieces);
}

const recordsUrl = (url: string): string => `${url.replace(/\/+$/, '')}/v1/records`;

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}
