/** The console: its files under a strict Content-Security-Policy. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fastifyStatic from '@fastify/static';
import { CONSOLE_SEGMENTS } from '@sillok/api/console-pages';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { CONSOLE_FOLDER, CONSOLE_PAGE } from './filenames.js';

/** Nothing inline, nothing from outside; frames and forms nowhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** A page and what is below it; the page itself says so when there is nothing at its address. */
const PAGES = CONSOLE_SEGMENTS.flatMap((segment) =>
  segment === '' ? ['/'] : [`/${segment}`, `/${segment}/*`],
);

export async function registerConsole(app: FastifyInstance): Promise<void> {
  const folder = consoleFolder();
  if (folder === undefined) return;
  await app.register(fastifyStatic, { root: folder, serve: false });
  const send = (reply: FastifyReply, file: string): FastifyReply => {
    void reply
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .header(
        'cache-control',
        file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    return reply.sendFile(file, { cacheControl: false });
  };
  for (const page of PAGES) app.get(page, (_request, reply) => send(reply, CONSOLE_PAGE));
  app.get('/mark.svg', (_request, reply) => send(reply, 'mark.svg'));
  app.get<{ Params: { '*': string } }>('/assets/*', (request, reply) =>
    send(reply, `assets/${request.params['*']}`),
  );
}

/** Where the built console is; undefined when it was not built. */
function consoleFolder(): string | undefined {
  const here = dirname(fileURLToPath(import.meta.url));
  const folder = join(here, ...CONSOLE_FOLDER);
  return existsSync(join(folder, CONSOLE_PAGE)) ? folder : undefined;
}
