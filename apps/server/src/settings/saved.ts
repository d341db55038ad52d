/**
 * Saved searches, shared question cards and stars. A private one is seen by whoever made it; a shared one by the project, and
 * changed by its members. Stars are each person's own.
 */
import { randomUUID } from 'node:crypto';

import { QUESTION_CARDS, ROUTES, savedBody, type SavedShape } from '@sillok/api';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { mayDo } from '../auth.js';
import { notFound, scopeMissing } from '../errors.js';
import { checked } from '../read/reading.js';
import type { Authenticator, Principal } from '../seams.js';
import { createShelf, type Shelf, type Shelved } from './objects.js';
import type { Settings } from './settings.js';

type Saved = z.output<typeof savedBody>;

interface ById {
  Params: { id: string };
}

export interface SavedDeps {
  readonly settings: Settings;
  readonly auth: Authenticator;
  readonly nameOf: (actor: string) => string;
}

/** The shelf, and what one asker sees of it. */
function openSaved({ settings, nameOf }: SavedDeps) {
  const shelf: Shelf<Saved> = createShelf(settings, 'saved', savedBody);
  const stars = createShelf(settings, 'star', z.object({ saved: z.string() }));
  const starAt = ({ project, keyId }: Principal, id: string) => ({ project, id: `${keyId} ${id}` });
  const isStarred = (principal: Principal, id: string): boolean =>
    stars.get(principal.project, starAt(principal, id).id) !== undefined;
  return {
    shelf,
    stars,
    starAt,
    isStarred,
    shown: (saved: Shelved<Saved>, principal: Principal): SavedShape => ({
      ...saved.value,
      id: saved.id,
      starred: isStarred(principal, saved.id),
      mine: saved.created_by === principal.keyId,
      created_by: nameOf(saved.created_by),
      updated_at: saved.updated_at,
    }),
    /** One that the asker sees. A private one of somebody else is answered as if it were not there. */
    find(principal: Principal, id: string): Shelved<Saved> {
      const saved = shelf.get(principal.project, id);
      if (saved === undefined || !maySee(principal, saved)) throw notFound('There is no such saved search.');
      return saved;
    },
  };
}

export function registerSaved(app: FastifyInstance, deps: SavedDeps): void {
  const { auth } = deps;
  const { shelf, shown, find, ...open } = openSaved(deps);

  app.get(ROUTES.saved, (request) => {
    const principal = auth.authenticate(request, 'read');
    const seen = shelf.list(principal.project).filter((saved) => maySee(principal, saved));
    const starred = QUESTION_CARDS.filter(({ id }) => open.isStarred(principal, id));
    return {
      saved: seen.map((saved) => shown(saved, principal)),
      cards: QUESTION_CARDS,
      starred_cards: starred.map(({ id }) => id),
    };
  });

  app.post(ROUTES.saved, (request, reply) => {
    const principal = auth.authenticate(request, 'read');
    const value = checked(savedBody, request.body);
    if (value.shared && !mayDo(principal, 'write')) throw scopeMissing('write');
    const told = { message: `search "${value.name}" saved`, actor: principal.keyId };
    const saved = shelf.put({ project: principal.project, id: randomUUID() }, value, told);
    return reply.code(201).send(shown(saved, principal));
  });

  app.put<ById>(ROUTES.savedOne, (request) => {
    const principal = auth.authenticate(request, 'read');
    const saved = find(principal, request.params.id);
    const value = checked(savedBody, request.body);
    if (!mayChange(principal, saved, value.shared)) throw scopeMissing('write');
    const told = { message: `search "${value.name}" changed`, actor: principal.keyId };
    return shown(shelf.put(saved, value, told), principal);
  });

  app.delete<ById>(ROUTES.savedOne, (request) => {
    const principal = auth.authenticate(request, 'read');
    const saved = find(principal, request.params.id);
    if (!mayChange(principal, saved, saved.value.shared)) throw scopeMissing('write');
    shelf.remove(saved, { message: `search "${saved.value.name}" removed`, actor: principal.keyId });
    return { id: saved.id, removed: true };
  });

  registerStars(app, { auth, find, ...open });
}

type Open = ReturnType<typeof openSaved>;

function registerStars(
  app: FastifyInstance,
  { auth, find, stars, starAt }: Pick<SavedDeps, 'auth'> & Pick<Open, 'find' | 'stars' | 'starAt'>,
): void {
  app.put<ById>(ROUTES.savedStar, (request) => {
    const principal = auth.authenticate(request, 'read');
    const { id } = request.params;
    if (!QUESTION_CARDS.some((card) => card.id === id)) find(principal, id);
    const told = { message: 'a search was starred', actor: principal.keyId };
    stars.put(starAt(principal, id), { saved: id }, told);
    return { id, starred: true };
  });

  app.delete<ById>(ROUTES.savedStar, (request) => {
    const principal = auth.authenticate(request, 'read');
    const { id } = request.params;
    stars.remove(starAt(principal, id), { message: 'a star was taken away', actor: principal.keyId });
    return { id, starred: false };
  });
}

function maySee(principal: Principal, saved: Shelved<Saved>): boolean {
  return saved.value.shared || saved.created_by === principal.keyId;
}

/** Sharing and unsharing are changes of what the project has. */
function mayChange(principal: Principal, saved: Shelved<Saved>, willBeShared: boolean): boolean {
  if (saved.value.shared || willBeShared) return mayDo(principal, 'write');
  return saved.created_by === principal.keyId;
}
