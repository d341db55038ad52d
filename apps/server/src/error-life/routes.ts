/** What people do about errors: resolve, ignore, open again, give to a colleague; and where other systems show them. */
import { errorLifeBody, errorLinksBody, ROUTES, type ErrorLife, type ErrorLinks } from '@sillok/api';
import { compileStats } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import type { z } from 'zod';

import type { AlertBook } from '../alert/book.js';
import { badRequest } from '../errors.js';
import type { People } from '../people/people.js';
import { checked, runSearch, searchOf, type Reading } from '../read/reading.js';
import type { Authenticator } from '../seams.js';
import type { Shelf } from '../settings/objects.js';
import { ERROR_RELEASES_MAX } from './limits.js';
import type { ErrorLives, StoredLife } from './lives.js';

const FINGERPRINT = /^[0-9a-f]{16}$/;
export const LINKS_ID = 'links';

export interface ErrorLifeDeps {
  readonly lives: ErrorLives;
  readonly links: Shelf<ErrorLinks>;
  readonly people: People;
  readonly auth: Authenticator;
  readonly reading: Reading;
  /** Alerts of an error that is resolved or ignored end with it. */
  readonly alerts: { readonly book: AlertBook; nudge(): void };
}

type Asked = z.output<typeof errorLifeBody>;

interface Act {
  readonly project: string;
  readonly fingerprint: string;
  readonly actor: string;
  readonly asked: Asked;
}

export function registerErrorLife(app: FastifyInstance, deps: ErrorLifeDeps): void {
  const { auth, lives } = deps;
  app.put<{ Params: { fingerprint: string } }>(ROUTES.errorLife, async (request): Promise<ErrorLife> => {
    const { project, keyId: actor } = auth.authenticate(request, 'write');
    const { fingerprint } = request.params;
    if (!FINGERPRINT.test(fingerprint))
      throw badRequest('request_invalid', 'That is no fingerprint.', 'Take one that /api/errors answered.');
    const act = { project, fingerprint, actor, asked: checked(errorLifeBody, request.body) };
    const value = await decide(deps, act);
    const told = { message: sentence(deps, act), actor, address: request.ip };
    lives.shelf.put({ project, id: fingerprint }, value, told);
    if (value.state !== 'open') endAlerts(deps, act);
    return lives.shown({ project, fingerprint }, { last: '', releases: [] }, Date.now());
  });
  registerLinks(app, deps);
}

function registerLinks(app: FastifyInstance, { auth, links }: ErrorLifeDeps): void {
  app.get(ROUTES.errorLinks, (request): ErrorLinks => {
    const { project } = auth.authenticate(request, 'read');
    return links.get(project, LINKS_ID)?.value ?? errorLinksBody.parse({});
  });
  app.put(ROUTES.errorLinks, (request): ErrorLinks => {
    const { project, keyId: actor } = auth.authenticate(request, 'admin');
    const value = checked(errorLinksBody, request.body);
    const message = 'the addresses of other systems for errors changed';
    return links.put({ project, id: LINKS_ID }, value, { message, actor }).value;
  });
}

async function decide(deps: ErrorLifeDeps, act: Act): Promise<StoredLife> {
  const { lives } = deps;
  const { project, fingerprint, actor, asked } = act;
  const known = lives.shelf.get(project, fingerprint)?.value;
  const nowMs = Date.now();
  const at = timeOf(nowMs);
  const { service, title } = asked;
  const base = { service, title, assignee: known?.assignee ?? '', at, by: actor };
  switch (asked.action) {
    case 'open':
      return { ...base, state: 'open' };
    case 'resolve': {
      const isNext = asked.until === 'next_release';
      return { ...base, state: 'resolved', ...(isNext && { releases: await releasesOf(deps, act) }) };
    }
    case 'ignore': {
      const { seconds, more } = asked;
      return {
        ...base,
        state: 'ignored',
        ...(seconds !== undefined && { ignored_until: timeOf(nowMs + seconds * 1000) }),
        ...(more !== undefined && { ignored_through: lives.counted(project, fingerprint) + more }),
      };
    }
    case 'assign': {
      const assignee = asked.assignee ?? '';
      if (assignee !== '' && memberName(deps, project, assignee) === undefined)
        throw badRequest('request_invalid', 'There is no such member.', 'GET /api/members names them.');
      return known === undefined ? { ...base, state: 'open', assignee } : { ...known, assignee };
    }
  }
}

/** All that the service has by now: what is not among them later is newer. */
async function releasesOf({ reading }: ErrorLifeDeps, { project, asked }: Act): Promise<string[]> {
  const table = reading.store().table;
  const search = searchOf('has:service.version | stats count() by service.name, service.version');
  const statement = compileStats(search, { project, table, limit: ERROR_RELEASES_MAX });
  if (statement === undefined) return [];
  const { rows } = await runSearch(reading, statement, { project });
  const own = rows.filter(([service]) => asked.service === '' || service === asked.service);
  return own.map(([, version]) => String(version));
}

function endAlerts({ alerts }: ErrorLifeDeps, { project, fingerprint: group, actor }: Act): void {
  const alert = alerts.book.latest({ project, rule: 'builtin.new_error', group });
  if (alert === undefined) return;
  alerts.book.resolve(alert, actor, Date.now());
  alerts.nudge();
}

function memberName({ people }: ErrorLifeDeps, project: string, id: string): string | undefined {
  return people.principal(id, project) === undefined ? undefined : people.find(id)?.value.name;
}

function sentence(deps: ErrorLifeDeps, { project, fingerprint, asked }: Act): string {
  const what = asked.title === '' ? fingerprint : asked.title;
  switch (asked.action) {
    case 'open':
      return `error opened again: ${what}`;
    case 'resolve':
      return `error resolved${asked.until === 'next_release' ? ' until its next release' : ''}: ${what}`;
    case 'ignore': {
      const ends = [
        asked.seconds === undefined ? '' : ` for ${asked.seconds} s`,
        asked.more === undefined ? '' : ` until ${asked.more} more`,
      ];
      return `error ignored${ends.join('')}: ${what}`;
    }
    case 'assign': {
      const name = memberName(deps, project, asked.assignee ?? '') ?? 'nobody';
      return `error given to ${name}: ${what}`;
    }
  }
}

/** In the form of record times, so that the two compare as texts. */
function timeOf(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000000Z');
}
