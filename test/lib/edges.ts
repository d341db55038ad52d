/** Real edges in front of test services: nginx and HAProxy with the ready configuration of docs/guides/edges. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command, Program } from './programs.js';
import { root, until } from './server.js';

const guides = join(root, 'docs', 'guides', 'edges');

export const nginx = command('nginx');
export const haproxy = command('haproxy');

export interface Edge {
  readonly program: Program;
  readonly url: string;
  /** Where its access log is. */
  readonly log: string;
}

export interface EdgeOptions {
  readonly folder: string;
  readonly port: number;
  /** Ports of the services behind it, tried in this order. */
  readonly upstreams: readonly number[];
}

export async function startNginx({ folder, port, upstreams }: EdgeOptions): Promise<Edge> {
  const log = join(folder, 'nginx-access.json');
  for (const name of ['body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'])
    mkdirSync(join(folder, name), { recursive: true });
  cpSync(join(guides, 'nginx'), folder, { recursive: true });
  const servers = upstreams.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join(' ');
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; ${user} pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
events { worker_connections 64; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  include sillok.conf;
  access_log ${log} sillok;
  upstream services { ${servers} }
  server { listen 127.0.0.1:${port}; location / { include sillok-proxy.conf; proxy_pass http://services; } }
}
`,
  );
  const program = new Program(nginx ?? '', ['-c', join(folder, 'nginx.conf'), '-p', folder]);
  return answering(program, port, log);
}

/** Its log goes to its standard output, and as syslog to `syslogPort`. */
export async function startHaproxy(options: EdgeOptions & { readonly syslogPort: number }): Promise<Edge> {
  const { folder, port, upstreams, syslogPort } = options;
  const ready = readFileSync(join(guides, 'haproxy.cfg'), 'utf8')
    .replace('bind 127.0.0.1:8080', `bind 127.0.0.1:${port}`)
    .replace('log 127.0.0.1:5514', `log 127.0.0.1:${syslogPort}`)
    .replace(/ {2}server g1[^]*/, '');
  const servers = upstreams.map((each, index) => `  server g${index + 1} 127.0.0.1:${each}\n`).join('');
  const file = join(folder, 'haproxy.cfg');
  writeFileSync(file, ready + servers);
  return answering(new Program(haproxy ?? '', ['-db', '-f', file]), port, '');
}

async function answering(program: Program, port: number, log: string): Promise<Edge> {
  const url = `http://127.0.0.1:${port}`;
  await until(`an edge answers on ${port}`, 20_000, async () => {
    if (program.child.exitCode !== null) throw new Error(`the edge ended:\n${program.output}`);
    return (await fetch(`${url}/ready`).catch(() => null)) !== null;
  });
  return { program, url, log };
}
