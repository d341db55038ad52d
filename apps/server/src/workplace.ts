/**
 * What people make and use together: who they are, saved searches, alerts,
 * dashboards, reports. One room, so that `main` stays a table of contents.
 */
import { errorLinksBody, reportBody, type ErrorLinks, type Report } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import { registerAdmin } from './admin/routes.js';
import type { Acts } from './audit/acts.js';
import type { AdminService } from './admin/services.js';
import { registerAlerts } from './alert/routes.js';
import { startAlerts, type Alerts } from './alert/alerts.js';
import { registerErrors } from './analysis/compare/errors.js';
import { linkErrors } from './error-life/links.js';
import { createErrorLives } from './error-life/lives.js';
import { registerErrorLife } from './error-life/routes.js';
import { registerDemo } from './demo/routes.js';
import type { DataPaths } from './filenames.js';
import { openDatabases } from './database/room.js';
import { registerDatabases } from './database/routes.js';
import { readDatabases } from './database/settings-file.js';
import { nameOfActor } from './people/context.js';
import { actorOf } from './people/people.js';
import type { Doors } from './people/doors.js';
import { registerPeople } from './people/index.js';
import type { Reading } from './read/reading.js';
import { createRunning } from './read/running.js';
import { registerDashboards } from './dashboard/routes.js';
import { registerReplays } from './replay/routes.js';
import { registerReports } from './report/routes.js';
import { ReportSender } from './report/sender.js';
import { createShelf } from './settings/objects.js';
import type { ServerDeps } from './seams.js';
import { registerSaved } from './settings/saved.js';
import type { Settings } from './settings/settings.js';

export interface Workplace {
  readonly alerts: Pick<Alerts, 'tick' | 'look' | 'evaluateNow'>;
  register(app: FastifyInstance, reading: Reading): void;
  /** Of a key or a person, as people call them. */
  readonly nameOf: (actor: string) => string;
  /** Where the server listens, for links when no public address is set. */
  listensAt(url: string): void;
  stop(): Promise<void>;
}

export interface WorkplaceOptions {
  readonly deps: ServerDeps;
  readonly acts: Acts;
  readonly settings: Settings;
  readonly doors: Doors;
  readonly paths: DataPaths;
  readonly adminServices: readonly AdminService[];
  readonly nowMs?: () => number;
}

export function openWorkplace(options: WorkplaceOptions): Workplace {
  const { deps, acts, settings, doors, paths, adminServices: services, nowMs } = options;
  const { config, log, auth, state } = deps;
  let url = '';
  const baseUrl = (): string => (config.publicUrl === '' ? url : config.publicUrl.replace(/\/+$/, ''));
  const nameOf = (actor: string): string => nameOfActor({ settings, ...doors }, actor);
  const running = createRunning(deps);
  const table = (): string => deps.store().table;
  const { isArchived: isResting } = doors.people;
  const userName = (id: string): string | undefined => doors.people.find(id)?.value.name;
  const lives = createErrorLives({ settings, log, nameOf, userName });
  const now = nowMs === undefined ? {} : { nowMs };
  const databases = openTeamDatabases(deps, nameOf);
  const common = {
    config,
    log,
    settings,
    state,
    lives,
    running,
    table,
    baseUrl,
    nameOf,
    isResting,
    databases,
    ...now,
  };
  const alerts = startAlerts({ ...common, path: paths.alerts });
  let sender: ReportSender | undefined;
  return {
    alerts,
    nameOf,
    register(app, reading) {
      registerPeople(app, { ...deps, settings, ...doors });
      registerAdmin(app, { services, auth, state, nameOf });
      registerDemo(app, { deps, settings, paths, url: () => url });
      registerSaved(app, { settings, auth, nameOf });
      registerAlerts(app, { alerts, acts, auth, nameOf, baseUrl, databases });
      const links = createShelf<ErrorLinks>(settings, 'error_links', errorLinksBody);
      registerErrors(app, {
        reading,
        lifeOf: (project, group, nowMs) =>
          lives.shown({ project, fingerprint: group.fingerprint }, group, nowMs),
        isMine: (keyId, { assignee }) => assignee !== null && actorOf(assignee.id) === keyId,
        withLinks: (caller, groups) => linkErrors(links, caller, groups),
      });
      registerErrorLife(app, { lives, links, people: doors.people, auth, reading, alerts });
      registerDatabases(app, reading, databases);
      registerDashboards(app, { reading, settings, auth, nameOf, baseUrl, databases });
      const shelf = createShelf<Report>(settings, 'report', reportBody);
      const { targets } = alerts;
      sender = new ReportSender({ ...common, shelf, targets, reading, path: paths.reports, databases });
      registerReplays(app, { auth, acts, metrics: deps.metrics, nowMs: nowMs ?? Date.now, ...alerts });
      registerReports(app, { shelf, sender, acts, reading, auth, nameOf, databases });
    },
    listensAt(address) {
      url = address;
    },
    async stop() {
      await sender?.stop();
      await alerts.stop();
    },
  };
}

function openTeamDatabases({ config, admission, log }: ServerDeps, nameOf: (actor: string) => string) {
  const databases = readDatabases({ path: config.databasesFile, env: process.env });
  return openDatabases({ databases, admission, log, nameOf });
}
