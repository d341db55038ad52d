/** A real nginx from Debian's package, in a folder of its own; what it proxies is the test's to say. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, Program } from './programs.js';
import { until } from './server.js';

export const nginx = command('nginx');

export interface ProxyParts {
  readonly folder: string;
  readonly port: number;
  /** Inside `http { … }`. */
  readonly http: string;
  readonly locations: string;
}

export async function startProxy({ folder, port, http, locations }: ProxyParts): Promise<Program> {
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 512; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi; access_log off;
${http}
  server {
    listen 127.0.0.1:${port};
    location = /alive { return 200 ok; }
${locations}
  }
}
`,
  );
  const proxy = new Program(nginx ?? 'nginx', ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  await until('nginx answers', 20_000, async () => {
    if (proxy.child.exitCode !== null) throw new Error(proxy.output);
    return (await fetch(`http://127.0.0.1:${port}/alive`).catch(() => null)) !== null;
  });
  return proxy;
}
