// The demo's admin API: a port and a secret that only the demo's server and its shop know, made anew at each start.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export async function demoAdmin() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const port = String(probe.address().port);
  probe.close();
  await once(probe, 'close');
  const secret = randomBytes(32).toString('hex');
  const folder = mkdtempSync(join(tmpdir(), 'sillok-demo-'));
  const file = join(folder, 'services.json');
  const url = `http://127.0.0.1:${port}`;
  const services = [{ name: 'shop', title: 'The shop', url, secret, private: true }];
  writeFileSync(file, JSON.stringify({ services }), { mode: 0o600 });
  return {
    serverEnv: { SILLOK_ADMIN_SERVICES: file },
    shopEnv: { SHOP_ADMIN_PORT: port, SHOP_ADMIN_SECRET: secret },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
