/**
 * What no route ever sees: bytes that are no HTTP request, headers that are too long, requests that never end. The answer
 * has the shape of all other errors, and the connection ends, because where a next request would begin is not known.
 */
import type { Socket } from 'node:net';

import { ServerError } from '../errors.js';

/** The first byte of a TLS handshake. */
const TLS_HANDSHAKE = 0x16;

const REASONS: { readonly [status: number]: string } = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const told = explain(error);
  const body = JSON.stringify(told.body());
  const head = [
    `HTTP/1.1 ${told.status} ${REASONS[told.status] ?? ''}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}

function explain({ code, rawPacket }: ClientError): ServerError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ServerError({
      status: 431,
      code: 'headers_too_large',
      message: 'The address and the headers of this request are longer than 16 KiB together.',
      help: 'A search that is so long: shorten it, or ask by POST /api/sql.',
    });
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ServerError({
      status: 408,
      code: 'request_timeout',
      message: 'The request did not arrive in time. Nothing of it was stored.',
      help: 'Send it again, in smaller batches if the line is slow.',
    });
  }
  if (rawPacket instanceof Uint8Array && rawPacket[0] === TLS_HANDSHAKE) {
    return new ServerError({
      status: 400,
      code: 'tls_refused',
      message: 'This port speaks plain HTTP, and what came is the beginning of TLS.',
      help: 'Use http://, or put a proxy with a certificate in front.',
    });
  }
  return new ServerError({
    status: 400,
    code: 'request_broken',
    message: 'This is not a request that HTTP/1.1 allows, or it ended too early. Nothing of it was stored.',
    help: 'Check Content-Length and Transfer-Encoding; a proxy in between may have cut it off.',
  });
}
