// nginx in front of the two gateways, with the ready configuration of docs/guides/edges.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { answers, command, startProgram, stop } from '../lib/programs.mjs';

const guide = join(
  dirname(fileURLToPath(import.meta.url)),
  '..',
  '..',
  '..',
  'docs',
  'guides',
  'edges',
  'nginx',
);

export const nginx = command('nginx');

export async function startNginx({ folder, port, gateways, log }) {
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'])
    mkdirSync(join(folder, name), { recursive: true });
  cpSync(guide, folder, { recursive: true });
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temp = [
    'client_body_temp_path body',
    'proxy_temp_path proxy',
    'fastcgi_temp_path fastcgi',
    'uwsgi_temp_path uwsgi',
    'scgi_temp_path scgi',
  ];
  const servers = gateways.map((each) => `server 127.0.0.1:${each} max_fails=0;`);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; ${user} pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 256; }
http {
  ${temp.map((each) => each.replace(' ', ` ${folder}/`)).join('; ')};
  include sillok.conf;
  access_log ${log} sillok;
  upstream gateway { ${servers.join(' ')} }
  # A proxy that tries a POST again: the fault of the story, and of many configurations.
  proxy_next_upstream error timeout http_502 non_idempotent;
  server {
    listen 127.0.0.1:${port};
    location / { include sillok-proxy.conf; proxy_pass http://gateway; }
  }
}
`,
  );
  const child = await startProgram(nginx, ['-c', join(folder, 'nginx.conf'), '-p', folder], {
    ready: () => answers(`http://127.0.0.1:${port}/health`),
  });
  return { kind: 'nginx', stop: () => stop(child) };
}
