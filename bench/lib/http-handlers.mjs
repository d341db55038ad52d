/**
 * The three ways to answer a request that ../http.mjs and ../micro/http.mjs compare: bare, with a context of AsyncLocalStorage
 * and the two headers alone, or with Sillok's context and access record.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const body = JSON.stringify({ id: 7, status: 'paid', total: 129_500 });

/** What the smallest real handler does: a JSON answer with its headers. */
function handler(_request, response) {
  response.setHeader('content-type', 'application/json');
  response.end(body);
}

function contextOnly() {
  const storage = new AsyncLocalStorage();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  return (request, response) => {
    response.setHeader('traceresponse', `00-${traceId}-00f067aa0ba902b7-01`);
    response.setHeader('x-trace-id', traceId);
    return storage.run({ traceId }, handler, request, response);
  };
}

async function wrapped() {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
  const { sillok } = await import('@sillok/node');
  const { sillokHttp } = await import('@sillok/node/http');
  const log = sillok({ service: 'bench', spoolDirectory: folder, stdout: 'none' });
  // The folder goes after the last sync: without it the disk could not confirm the last records.
  const end = async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { handler: sillokHttp(handler), end };
}

const nothing = async () => undefined;

/** By mode: the handler, and what ends it. */
export const MODES = {
  bare: async () => ({ handler, end: nothing }),
  context: async () => ({ handler: contextOnly(), end: nothing }),
  sillok: wrapped,
};
