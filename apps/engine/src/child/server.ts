/**
 * The child's HTTP server: authentication, one statement per request, ClickHouse's answers.
 *
 * Only loopback is listened on, and every request but `/ping` must carry the secret, since any program and any web page
 * on the machine can reach a loopback port.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createGzip, constants as zlib, gzipSync } from 'node:zlib';
import type { Writable } from 'node:stream';
import { refusal, type ClickHouseException } from '../errors.js';
import { URL_BYTES_MAX } from '../limits.js';
import { exceptionFrame, httpStatus, toClickHouseException } from './exceptions.js';
import { contentType } from './formats.js';
import { killedQuery } from './kill.js';
import { readBody } from './read-body.js';
import type { Outcome, Runner } from './runner.js';
import { readStatement, type Statement } from './statement.js';

export interface ServerDeps {
  readonly runner: Runner;
  readonly secret: string;
  readonly version: string;
}

export function createEngineServer({ runner, secret, version }: ServerDeps): Server {
  const expected = digest(secret);
  const server = createServer({ maxHeaderSize: URL_BYTES_MAX, keepAliveTimeout: 0 }, (request, response) => {
    const answer = async (): Promise<void> => {
      const url = new URL(request.url ?? '/', 'http://engine');
      if (url.pathname === '/ping') return ping(runner, response);
      if (!isAuthentic(request, url, expected)) {
        throw refusal('authenticationFailed', 'Authentication failed: wrong or missing key');
      }
      await handle({ runner, request, response, url });
    };
    answer().catch((error: unknown) => sendException(response, toClickHouseException(error), version));
  });
  // The parent decides how long a statement may take, by settings and by KILL.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  return server;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Password of basic auth, X-ClickHouse-Key or `password`; compared in constant time over digests. */
function isAuthentic(request: IncomingMessage, url: URL, expected: Buffer): boolean {
  const key = request.headers['x-clickhouse-key'];
  const basic = /^Basic (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const decoded = basic === undefined ? undefined : Buffer.from(basic, 'base64').toString('utf8');
  const given =
    (typeof key === 'string' ? key : undefined) ??
    decoded?.slice(decoded.indexOf(':') + 1) ??
    url.searchParams.get('password') ??
    '';
  return timingSafeEqual(digest(given), expected);
}

async function ping(runner: Runner, response: ServerResponse): Promise<void> {
  await runner.probe();
  response.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' }).end('Ok.\n');
}

interface Exchange {
  readonly runner: Runner;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

async function handle({ runner, request, response, url }: Exchange): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await readBody(request);
  const method = request.method ?? 'GET';
  const statement = readStatement({ method, url, headers: request.headers, body, freshId: randomUUID });
  response.setHeader('X-ClickHouse-Query-Id', statement.queryId);
  response.setHeader('X-ClickHouse-Server-Display-Name', 'sillok-engine');
  const target = killedQuery(statement);
  if (target !== undefined) {
    const found = runner.kill(target);
    response.end(found ? `waiting\t${target}\tdefault\t\n` : '');
    return;
  }
  const outcome = await runner.run(statement, gone.signal);
  await send(response, outcome, wantsGzip(request, statement));
}

function wantsGzip(request: IncomingMessage, statement: Statement): boolean {
  const enabled = statement.settings.some(
    ([name, value]) => name === 'enable_http_compression' && value === '1',
  );
  return enabled && String(request.headers['accept-encoding'] ?? '').includes('gzip');
}

async function send(response: ServerResponse, outcome: Outcome, gzip: boolean): Promise<void> {
  if (outcome.kind === 'inserted') {
    const counts = { written_rows: String(outcome.rows), written_bytes: String(outcome.bytes) };
    response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary(counts)));
    response.end();
    return;
  }
  response.setHeader('X-ClickHouse-Format', outcome.format);
  response.setHeader('Content-Type', contentType(outcome.format));
  if (gzip) response.setHeader('Content-Encoding', 'gzip');
  if (outcome.kind === 'whole') {
    response.setHeader('X-ClickHouse-Summary', JSON.stringify(summary(readStatistics(outcome.bytes))));
    response.end(gzip ? gzipSync(outcome.bytes, { level: 1 }) : outcome.bytes);
    return;
  }
  await sendBlocks(response, { blocks: outcome.blocks, gzip });
}

async function sendBlocks(
  response: ServerResponse,
  { blocks, gzip }: { blocks: AsyncIterable<Buffer>; gzip: boolean },
): Promise<void> {
  const tag = randomBytes(8).toString('hex');
  response.setHeader('X-ClickHouse-Exception-Tag', tag);
  const packer = gzip ? createGzip({ level: 1, finishFlush: zlib.Z_FINISH }) : undefined;
  packer?.pipe(response);
  const out: Writable = packer ?? response;
  try {
    for await (const block of blocks) {
      if (response.destroyed) break;
      if (!out.write(block)) await drained(out, response);
    }
  } catch (error) {
    // The frame goes inside the gzip stream, where the client looks for it.
    out.write(exceptionFrame(toClickHouseException(error), tag));
  }
  out.end();
}

/** Resolves when more can be written, or when the client is gone. */
function drained(out: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      out.off('drain', done);
      response.off('close', done);
      resolve();
    };
    out.once('drain', done);
    response.once('close', done);
  });
}

const STATISTICS = /"elapsed":\s*([\d.e+-]+),\s*"rows_read":\s*(\d+),\s*"bytes_read":\s*(\d+)\s*\}\s*\}\s*$/;

/** The JSON formats end with what the statement has read. */
function readStatistics(bytes: Buffer): Record<string, string> {
  const match = STATISTICS.exec(bytes.subarray(-400).toString('latin1'));
  if (match === null) return {};
  const [, elapsed = '0', rows = '0', read = '0'] = match;
  return { read_rows: rows, read_bytes: read, elapsed_ns: String(Math.round(Number(elapsed) * 1e9)) };
}

function summary(known: Record<string, string>): Record<string, string> {
  return {
    read_rows: '0',
    read_bytes: '0',
    written_rows: '0',
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: '0',
    result_bytes: '0',
    elapsed_ns: '0',
    ...known,
  };
}

function sendException(response: ServerResponse, error: ClickHouseException, version: string): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.removeHeader('Content-Encoding');
  response.writeHead(httpStatus(error.code), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(error.code),
  });
  response.end(`${error.message} (version ${version})\n`);
}
