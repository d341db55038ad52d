/** One node:http server in a process of its own: bare, or with Sillok's context and access record. See ../http.mjs. */
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

async function wrapped() {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const { sillok } = await import('@sillok/node');
  const { sillokHttp } = await import('@sillok/node/http');
  sillok({ service: 'bench', spoolDirectory: folder, stdout: 'none' });
  return sillokHttp(handler);
}

const server = createServer(mode === 'bare' ? handler : await wrapped());
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
