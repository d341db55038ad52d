/** A real nginx, its combined and its JSON access log, and the machine's own logs. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, command, Program, runCli } from '../lib/programs.js';
import { freePort, startTestServer, until, type TestServer } from '../lib/server.js';

let server: TestServer;
let folder: string;
const programs: Program[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-nginx-'));
  server = await startTestServer();
});
afterAll(async () => {
  for (const program of programs) await program.stop();
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const nginx = command('nginx');
test.skipIf(nginx === undefined)('nginx: combined and JSON access logs (needs nginx)', async () => {
  const port = await freePort();
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 64; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  log_format json escape=json '{"time":"$time_iso8601","request_id":"$request_id","method":"$request_method",'
    '"uri":"$uri","status":$status,"request_time":$request_time,"remote_addr":"$remote_addr"}';
  access_log ${folder}/access.log combined;
  access_log ${folder}/access.json json;
  server { listen 127.0.0.1:${port}; location / { return 200 ok; } location /broken { return 502; } }
}
`,
  );
  const service = new Program(nginx ?? '', ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  programs.push(service);
  await until(
    'nginx answers',
    20_000,
    async () => (await fetch(`http://127.0.0.1:${port}/`).catch(() => null)) !== null,
  );
  const state = ['--state', join(folder, 'state')];
  programs.push(
    cli(server, ['ship', '--follow', join(folder, 'access.json'), '--service', 'edge-json', ...state]),
  );
  for (let i = 0; i < 50; i += 1) await fetch(`http://127.0.0.1:${port}/items/${i}`);
  await fetch(`http://127.0.0.1:${port}/broken`);

  const broken = await server.waitFor(
    { q: 'service.name:edge-json http.response.status_code:502', from: '-1h' },
    1,
  );
  expect(JSON.stringify(broken[0]?.attributes)).toContain('/broken');
  await server.waitFor({ q: 'service.name:edge-json', from: '-1h' }, 51);

  const poured = await runCli(server, ['pour', join(folder, 'access.log'), '--service', 'edge-text']);
  expect(poured.code, poured.output).toBe(0);
  const text = await server.waitFor({ q: 'service.name:edge-text', from: '-1h' }, 51);
  expect(JSON.stringify(text)).toContain('GET /items/7 200');
});

const systemLogs = [
  '/var/log/dpkg.log',
  '/var/log/apt/history.log',
  '/var/log/alternatives.log',
  '/var/log/syslog',
];
const present = systemLogs.filter((file) => existsSync(file));
test.skipIf(present.length === 0)('the machine’s own system logs, poured twice', async () => {
  const first = await runCli(server, ['pour', '--json', ...present, '--service', 'system']);
  expect(first.code, first.output).toBe(0);
  const count = async (): Promise<number> =>
    (await server.searchAll({ q: 'service.name:system', from: '1990-01-01T00:00:00Z' })).length;
  await server.waitFor({ q: 'service.name:system', from: '1990-01-01T00:00:00Z' }, 1);
  await until(
    'everything is visible',
    60_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
  const before = await count();
  expect(before).toBeGreaterThan(0);
  const second = await runCli(server, ['pour', '--json', ...present, '--service', 'system']);
  expect(second.code, second.output).toBe(0);
  await until(
    'everything is visible',
    60_000,
    async () => (await server.search({ q: 'x' })).freshness.lag_ms === 0,
  );
  expect(await count()).toBe(before);
});
