/** Dashboards over HTTP: keeping them, running and estimating their panels, deploy markers, walls. */
import { randomUUID } from 'node:crypto';

import {
  dashboardBody,
  deploysQuery,
  panelRunBody,
  ROUTES,
  wallLinkBody,
  wallRunBody,
  type Dashboard,
  type DashboardShape,
  type EstimateShape,
  type WallShape,
} from '@sillok/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { keeperOf, mayKeep, runDatabasePanel } from '../database/kept.js';
import type { DatabaseRoom } from '../database/room.js';
import { notFound } from '../errors.js';
import { newSecret, hashSecret } from '../people/people.js';
import { fromReader } from '../read/errors.js';
import { estimate, estimateStatement } from '../read/estimate.js';
import { checked, rangeOf, TIME_FIRST, TIME_LAST, type Reading } from '../read/reading.js';
import type { Authenticator, Principal } from '../seams.js';
import { createShelf, type Shelf, type Shelved } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';
import { Answers } from './answers.js';
import { deploysIn } from './deploys.js';
import { SEARCH_BYTES_PER_MS } from './limits.js';
import { preparePanel, runPanel, type PanelRun } from './panel.js';

interface ById {
  Params: { id: string };
}

export interface DashboardDeps {
  readonly reading: Reading;
  readonly settings: Settings;
  readonly auth: Authenticator;
  readonly nameOf: (actor: string) => string;
  readonly baseUrl: () => string;
  readonly databases: DatabaseRoom;
}

const wallShape = z.object({
  dashboard: z.string(),
  hash: z.string(),
  values: z.record(z.string(), z.string()),
  expires_at: z.string().nullable(),
});
type Wall = z.output<typeof wallShape>;

/** Of a wall: its secret, which no address and so no log of a proxy contains. */
const WALL_HEADER = 'x-sillok-wall';

export function registerDashboards(app: FastifyInstance, deps: DashboardDeps): void {
  const shelf = createShelf<Dashboard>(deps.settings, 'dashboard', dashboardBody);
  const answers = new Answers();
  registerKeeping(app, deps, shelf);
  registerPanels(app, deps, answers);
  registerWalls(app, deps, { shelf, answers });
}

function registerKeeping(app: FastifyInstance, deps: DashboardDeps, shelf: Shelf<Dashboard>): void {
  const { auth } = deps;
  app.get(ROUTES.dashboards, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { dashboards: shelf.list(project).map((each) => shownDashboard(deps, each)) };
  });
  app.get<ById>(ROUTES.dashboard, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return shownDashboard(deps, mustFind(shelf, project, request.params.id));
  });
  app.post(ROUTES.dashboards, (request, reply) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const value = checkedDashboard(deps, principal, request.body);
    const told = { message: `dashboard "${value.name}" created`, actor: keyId };
    const made = shelf.put({ project, id: randomUUID() }, value, told);
    return reply.code(201).send(shownDashboard(deps, made));
  });
  app.put<ById>(ROUTES.dashboard, (request) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const known = mustFind(shelf, project, request.params.id);
    const value = checkedDashboard(deps, principal, request.body);
    const told = { message: `dashboard "${value.name}" changed`, actor: keyId };
    return shownDashboard(deps, shelf.put(known, value, told));
  });
  app.delete<ById>(ROUTES.dashboard, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id, value } = mustFind(shelf, project, request.params.id);
    shelf.remove({ project, id }, { message: `dashboard "${value.name}" removed`, actor: keyId });
    return { id, removed: true };
  });
}

/** Whoever keeps a panel of a database must be allowed to ask it: walls show it to everybody. */
function checkedDashboard({ databases }: DashboardDeps, principal: Principal, body: unknown): Dashboard {
  const value = checked(dashboardBody, body);
  mayKeep(
    databases,
    principal,
    value.panels.map(({ database }) => database),
  );
  return value;
}

function mustFind(shelf: Shelf<Dashboard>, project: string, id: string): Shelved<Dashboard> {
  const found = shelf.get(project, id);
  if (found === undefined) throw notFound('There is no such dashboard.');
  return found;
}

function shownDashboard(
  { nameOf }: DashboardDeps,
  { id, value, ...made }: Shelved<Dashboard>,
): DashboardShape {
  const { created_by, updated_by, updated_at } = made;
  return { ...value, id, created_by: nameOf(created_by), updated_by: nameOf(updated_by), updated_at };
}

function registerPanels(app: FastifyInstance, deps: DashboardDeps, answers: Answers): void {
  const { reading, auth, databases } = deps;
  app.post(ROUTES.panelRun, (request, reply) => {
    const principal = auth.authenticate(request, 'read');
    const { project } = principal;
    const { query_id: name, ...asked } = checked(panelRunBody, request.body);
    if (asked.panel.database !== '') {
      mayKeep(databases, principal, [asked.panel.database]);
      const run = { ...asked, project, ...(name !== undefined && { name }) };
      return answers.get(keyOf(run), () => runDatabasePanel(databases, { principal, run }));
    }
    // One that can be cancelled belongs to whoever started it; the others are shared.
    if (name !== undefined) return runPanel(reading, { ...asked, project, name, reply });
    return answers.get(keyOf({ ...asked, project }), () => runPanel(reading, { ...asked, project }));
  });
  app.post(ROUTES.panelEstimate, async (request, reply): Promise<EstimateShape> => {
    const { project } = auth.authenticate(request, 'read');
    const { query_id: _, ...asked } = checked(panelRunBody, request.body);
    // Another database says nothing before it runs; its own timeout ends it.
    if (asked.panel.database !== '') return { rows: 0, bytes: 0, ms: 0, exact: false };
    const { query } = await preparePanel(reading, { ...asked, project });
    const found = await estimate(reading, query, { project, reply }).catch((error: unknown) =>
      Promise.reject(fromReader(error)),
    );
    // What a search computes is little beside what it reads: a machine that is busy for a moment does not make its panels costly.
    const readMs = found.bytes / SEARCH_BYTES_PER_MS;
    return asked.panel.language === 'search'
      ? { ...found, ms: Math.min(found.ms ?? readMs, readMs) }
      : estimateStatement(asked.panel.q, found);
  });
  app.get(ROUTES.deploys, async (request) => {
    const { project } = auth.authenticate(request, 'read');
    const { from = TIME_FIRST, to = TIME_LAST } = rangeOf(checked(deploysQuery, request.query), Date.now());
    return { deploys: await deploysIn(reading, project, { from, to }) };
  });
}

/** Everything that the answer depends on, the project first. */
function keyOf({ project, panel, from, to, variables, values }: PanelRun): string {
  return JSON.stringify([project, panel, from, to, variables, values]);
}

interface WallParts {
  readonly shelf: Shelf<Dashboard>;
  readonly answers: Answers;
}

function registerWalls(app: FastifyInstance, deps: DashboardDeps, { shelf, answers }: WallParts): void {
  const { auth, settings, reading } = deps;
  const walls = createShelf<Wall>(settings, 'wall', wallShape);
  const shown = ({ id, value, ...made }: Shelved<Wall>): WallShape => ({
    id,
    dashboard: value.dashboard,
    values: value.values,
    created_by: deps.nameOf(made.created_by),
    created_at: made.created_at,
    expires_at: value.expires_at,
  });
  app.get<ById>(ROUTES.dashboardWalls, (request) => {
    const { project } = auth.authenticate(request, 'write');
    const own = walls.list(project).filter(({ value }) => value.dashboard === request.params.id);
    return { walls: own.map(shown) };
  });
  app.post<ById>(ROUTES.dashboardWalls, (request, reply) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id: dashboard, value } = mustFind(shelf, project, request.params.id);
    const { values, days } = checked(wallLinkBody, request.body ?? {});
    const secret = newSecret();
    const expires_at = days === 0 ? null : new Date(Date.now() + days * 86_400_000).toISOString();
    const wall = { dashboard, hash: hashSecret(secret), values, expires_at };
    const told = { message: `a wall link of dashboard "${value.name}" was made`, actor: keyId };
    const made = walls.put({ project, id: randomUUID() }, wall, told);
    return reply.code(201).send({ ...shown(made), link: `${deps.baseUrl()}/wall#${secret}` });
  });
  app.delete<ById>(ROUTES.wallOne, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id } = request.params;
    if (!walls.remove({ project, id }, { message: 'a wall link was withdrawn', actor: keyId }))
      throw notFound('There is no such wall link.');
    return { id, removed: true };
  });
  registerWallReading(app, { walls, shelf, reading, answers, deps });
}

interface WallReading extends WallParts {
  readonly walls: Shelf<Wall>;
  readonly reading: Reading;
  readonly deps: DashboardDeps;
}

/** What a wall shows, without signing in: this dashboard as it is now, its panels, nothing else. */
function registerWallReading(
  app: FastifyInstance,
  { walls, shelf, reading, answers, deps }: WallReading,
): void {
  function open(request: FastifyRequest): { wall: Shelved<Wall>; dashboard: Shelved<Dashboard> } {
    const given = request.headers[WALL_HEADER];
    const hash = hashSecret(typeof given === 'string' ? given : '');
    const wall = walls.all().find(({ value }) => value.hash === hash);
    const dashboard = wall === undefined ? undefined : shelf.get(wall.project, wall.value.dashboard);
    const ends = wall?.value.expires_at ?? null;
    if (wall === undefined || dashboard === undefined || (ends !== null && Date.parse(ends) <= Date.now()))
      throw notFound(
        'This wall link was withdrawn, or has expired.',
        'Ask whoever gave it to you for a new one.',
      );
    return { wall, dashboard };
  }
  app.get(ROUTES.wall, (request) => {
    const { wall, dashboard } = open(request);
    const { created_by: _, updated_by: __, ...rest } = shownDashboard(deps, dashboard);
    return { dashboard: rest, values: wall.value.values };
  });
  app.post(ROUTES.wallRun, (request) => {
    const { wall, dashboard } = open(request);
    const asked = checked(wallRunBody, request.body);
    const panel = dashboard.value.panels.find(({ id }) => id === asked.panel);
    if (panel === undefined) throw notFound('The dashboard has no such panel.');
    const { variables, range } = dashboard.value;
    // The range is the dashboard's: a link for one screen is no key to the whole past.
    const run = {
      project: wall.project,
      panel,
      from: range,
      to: 'now',
      variables,
      values: wall.value.values,
    };
    if (panel.database !== '') {
      const principal = keeperOf(wall.project, 'wall');
      return answers.get(keyOf(run), () => runDatabasePanel(deps.databases, { principal, run }));
    }
    return answers.get(keyOf(run), () => runPanel(reading, run));
  });
}
