/**
 * One node:http server in a process of its own: bare, with a context of AsyncLocalStorage and the two headers alone, or with
 * Sillok's context and access record. See ../http.mjs.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [mode] = process.argv.slice(2);
const body = JSON.stringify({ id: 7, status: 'paid', total: 129_500 });

/** What the smallest real handler does: a JSON answer with its headers. */
function handler(_request, response) {
  response.setHeader('content-type', 'application/json');
  response.end(body);
}

let end = () => process.exit(0);

async function wrapped() {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
  const { sillok } = await import('@sillok/node');
  const { sillokHttp } = await import('@sillok/node/http');
  const log = sillok({ service: 'bench', spoolDirectory: folder, stdout: 'none' });
  // The folder goes after the last sync: without it the disk could not confirm the last records.
  end = async () => {
    await log.close();
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  };
  return sillokHttp(handler);
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

const handlers = { bare: () => handler, context: contextOnly, sillok: wrapped };
const server = createServer(await handlers[mode]());
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => end());
