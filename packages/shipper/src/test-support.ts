/**
 * A server for tests: real node:http, speaks `POST /v1/records` and keeps what it was sent by identity. It can be
 * told to misbehave, one request at a time, in the ways that servers and networks do.
 */
import { encodeHeader, type SegmentHeader } from '@sillok/record';
import * as http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';

export const HEADER: SegmentHeader = {
  sillok: 1,
  producer: 'orders-1',
  boot: 'boot-1',
  resource: { 'service.name': 'orders' },
  encoding: 'flat',
};
export const HEADER_LINE = encodeHeader({ ...HEADER });

export const lineOf = (seq: number, message = `line ${seq}`): string =>
  JSON.stringify({ seq, time: '2026-11-21T10:00:00.000000001Z', kind: 'log', level: 'info', message });

export const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'sillok-shipper-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** One request as the server saw it. */
export interface Request {
  readonly header: SegmentHeader;
  readonly lines: readonly string[];
  readonly bytes: number;
  readonly headers: http.IncomingHttpHeaders;
}

/** Answers a request, or does not. `commit` stores its lines and returns the contract's answer. */
export type Behaviour = (request: Request, response: http.ServerResponse, commit: () => string) => void;

export const answer =
  (status: number, body = '', headers: http.OutgoingHttpHeaders = {}): Behaviour =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

export const wellBehaved: Behaviour = (_request, response, commit) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(commit());
};

export interface TestServer {
  readonly url: string;
  /** Taken one per request, in order; then `wellBehaved`. */
  readonly behaviours: Behaviour[];
  readonly requests: Request[];
  /** Lines in the order in which they were first stored, per `producer/boot`. */
  readonly stored: Map<string, string[]>;
  /** Identities that came twice with other content. */
  readonly conflicts: string[];
  reject(seq: number, code: string): void;
  /** Resolves at the next request that leaves `count` lines or more in the store. */
  storedCount(count: number): Promise<void>;
  seqs(spool?: string): number[];
}

export async function startServer(): Promise<TestServer> {
  const state = createState();
  const server = http.createServer((request, response) => {
    void receive(request).then((received) => {
      state.requests.push(received);
      const behave = state.behaviours.shift() ?? wellBehaved;
      behave(received, response, () => state.commit(received));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  // Listening on a TCP port, the address is an AddressInfo.
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function receive(request: http.IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  // Without an encoding set, node:http hands out Buffers.
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = gunzipSync(Buffer.concat(chunks)).toString('utf8');
  const [header = '', ...lines] = text.split('\n').slice(0, -1);
  // The tests look at these fields themselves.
  return { header: JSON.parse(header) as SegmentHeader, lines, bytes: text.length, headers: request.headers };
}

function createState() {
  const behaviours: Behaviour[] = [];
  const requests: Request[] = [];
  const stored = new Map<string, string[]>();
  const bySeq = new Map<string, string>();
  const codes = new Map<number, string>();
  const waiting: { count: number; resolve: () => void }[] = [];
  const conflicts: string[] = [];
  const total = (): number => [...stored.values()].reduce((sum, lines) => sum + lines.length, 0);
  return {
    behaviours,
    requests,
    stored,
    conflicts,
    reject: (seq: number, code: string): void => void codes.set(seq, code),
    seqs: (spool = 'orders-1/boot-1'): number[] => (stored.get(spool) ?? []).map(seqOf),
    storedCount: (count: number): Promise<void> =>
      new Promise((resolve) => {
        if (total() >= count) resolve();
        else waiting.push({ count, resolve });
      }),
    commit: ({ header, lines }: Request): string => {
      const spool = `${header.producer}/${header.boot}`;
      const rejected = [];
      for (const line of lines) {
        const seq = seqOf(line);
        const code = codes.get(seq);
        if (code !== undefined) rejected.push({ seq, code, reason: 'for the test' });
        else storeOnce(stored, bySeq, { spool, seq, line, conflicts });
      }
      for (const { count, resolve } of waiting) if (total() >= count) resolve();
      return JSON.stringify({ accepted_through: seqOf(lines.at(-1) ?? ''), rejected });
    },
  };
}

interface Stored {
  readonly spool: string;
  readonly seq: number;
  readonly line: string;
  readonly conflicts: string[];
}

function storeOnce(stored: Map<string, string[]>, bySeq: Map<string, string>, record: Stored): void {
  const identity = `${record.spool}/${record.seq}`;
  const known = bySeq.get(identity);
  if (known !== undefined && known !== record.line) record.conflicts.push(identity);
  if (known !== undefined) return;
  bySeq.set(identity, record.line);
  stored.set(record.spool, [...(stored.get(record.spool) ?? []), record.line]);
}

function seqOf(line: string): number {
  return Number(/^\{"seq":(\d+)/.exec(line)?.[1] ?? 0);
}
