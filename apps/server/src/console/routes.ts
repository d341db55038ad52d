/** The console: its files under a strict Content-Security-Policy, and signing in and out. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import fastifyStatic from '@fastify/static';
import { CONSOLE_SEGMENTS } from '@sillok/api/console-pages';
import type { FastifyInstance, FastifyReply } from 'fastify';

import { badRequest, keyUnknown, originRefused } from '../errors.js';
import type { KeyRing } from '../settings/keys.js';

import { CONSOLE_FOLDER, CONSOLE_PAGE } from './filenames.js';
import { SESSION_MS } from './limits.js';
import { isOwnPage, SESSION_COOKIE, type Sessions } from './sessions.js';

export interface ConsoleDeps {
  readonly sessions: Sessions;
  readonly keys: KeyRing;
}

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

export async function registerConsole(app: FastifyInstance, deps: ConsoleDeps): Promise<void> {
  registerSession(app, deps);
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

function registerSession(app: FastifyInstance, { sessions, keys }: ConsoleDeps): void {
  app.post<{ Body: unknown }>('/api/session', async (request, reply) => {
    if (!isOwnPage(request)) throw originRefused('Origin');
    const principal = principalFor(request.body, { sessions, keys });
    if (principal === undefined) throw keyUnknown();
    const secure = request.protocol === 'https' ? '; Secure' : '';
    const maxAge = Math.floor(SESSION_MS / 1000);
    const value = `${SESSION_COOKIE}=${sessions.open(principal)}`;
    void reply.header(
      'set-cookie',
      `${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAge}${secure}`,
    );
    return { project: principal.project, scopes: principal.scopes };
  });

  app.delete('/api/session', async (request, reply) => {
    if (!isOwnPage(request)) throw originRefused('Origin');
    sessions.close(request);
    void reply.header('set-cookie', `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`);
    return {};
  });
}

function principalFor(body: unknown, { sessions, keys }: ConsoleDeps): ReturnType<KeyRing['use']> {
  if (body !== null && typeof body === 'object') {
    if ('token' in body && typeof body.token === 'string') return sessions.useLink(body.token);
    if ('key' in body && typeof body.key === 'string') return keys.use(body.key, Date.now());
  }
  throw badRequest(
    'bad_request',
    'A token of a sign-in link or a key is needed.',
    'Send {"token":…} or {"key":…}.',
  );
}
