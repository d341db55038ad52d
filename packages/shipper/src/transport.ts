/**
 * One POST over node:http or node:https, with an agent of our own: the host's global agent is left alone, one
 * connection is kept open, and neither a socket nor a timer keeps the host's process alive.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { ANSWER_BYTES_MAX } from './limits.js';

export interface TransportRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  /** The Retry-After header, if there was one. */
  readonly retryAfter: string | undefined;
  readonly body: string;
}

export interface Transport {
  /** Rejects on any failure to get a whole answer. */
  post(request: TransportRequest): Promise<TransportAnswer>;
  close(): void;
}

export function createTransport(): Transport {
  const options = { keepAlive: true, maxSockets: 1 };
  const agents = { http: new http.Agent(options), https: new https.Agent(options) };
  const send = (request: TransportRequest): Promise<TransportAnswer> => {
    const isSecure = request.url.startsWith('https:');
    return sendOnce(
      request,
      isSecure ? { call: https.request, agent: agents.https } : { call: http.request, agent: agents.http },
    );
  };
  return {
    post: async (request) => {
      try {
        return await send(request);
      } catch (error) {
        // The server closed an idle connection just as it was used again: no failure, and safe to repeat.
        if (error instanceof StaleConnectionError) return send(request);
        throw error;
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

class StaleConnectionError extends Error {}

interface Route {
  readonly call: typeof http.request;
  readonly agent: http.Agent;
}

function sendOnce(request: TransportRequest, route: Route): Promise<TransportAnswer> {
  const { url, headers, signal, body, timeoutMs } = request;
  const { agent } = route;
  return new Promise((resolve, reject) => {
    const outgoing = route.call(url, { method: 'POST', agent, signal, headers: withLength(headers, body) });
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), timeoutMs).unref();
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(error);
    };
    outgoing.on('socket', (socket) => socket.unref());
    outgoing.on('error', (error) => {
      const isReset = 'code' in error && RESET_CODES.includes(error.code);
      fail(isReset && outgoing.reusedSocket ? new StaleConnectionError('stale', { cause: error }) : error);
    });
    outgoing.on('response', (incoming) => {
      readAnswer(incoming).then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      }, fail);
    });
    outgoing.end(body);
  });
}

const RESET_CODES: readonly unknown[] = ['ECONNRESET', 'EPIPE'];

function withLength(headers: Readonly<Record<string, string>>, body: Uint8Array): Record<string, string> {
  return { ...headers, 'content-length': String(body.length) };
}

async function readAnswer(incoming: http.IncomingMessage): Promise<TransportAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    // Without an encoding set, node:http hands out Buffers.
    const piece = chunk as Buffer;
    bytes += piece.length;
    if (bytes > ANSWER_BYTES_MAX) throw new Error('the answer is too long to be a verdict');
    chunks.push(piece);
  }
  if (!incoming.complete) throw new Error('the connection closed in the middle of the answer');
  const retryAfter = incoming.headers['retry-after'];
  return { status: incoming.statusCode ?? 0, retryAfter, body: Buffer.concat(chunks).toString('utf8') };
}
