/**
 * The server, as a table of contents: each room is opened after those it needs and closed in reverse order.
 *
 * What must hold at a stop: no request is taken any more, those in flight are answered, everything that was acknowledged is
 * on disk, the writer has ended its insert or left an intent that the next start completes.
 */
import { resolve } from 'node:path';

import type { Disk } from '@sillok/spool';
import type { FastifyInstance } from 'fastify';

import { loadAdminServices } from './admin/services.js';
import { registerAnalysisRoutes } from './analysis/index.js';
import { loadRules, type ActiveRules } from './admit/active-rules.js';
import { createFirstTouch } from './admit/first-touch.js';
import { openActs, type Acts } from './audit/acts.js';
import { registerAuditIntake } from './audit/intake.js';
import { openAudit, type AuditRoom } from './audit/room.js';
import { registerAuditHistory } from './audit/history-routes.js';
import { registerAuditProofs, registerKeyChange } from './audit/routes.js';
import { startTelling } from './audit/told-checkpoints.js';
import { createBallast, freeBytes, type Ballast } from './ballast.js';
import { registerBrowserRoom } from './browser/index.js';
import type { Config } from './config.js';
import { prepareDataFolder } from './data-folder.js';
import { registerConsole } from './console/routes.js';
import { linkEngine, type EngineLink } from './engine-link.js';
import { dataPaths, type DataPaths } from './filenames.js';
import { createApp } from './http/app.js';
import { BodyBudget, useRawBodies } from './http/body.js';
import { prepareClosing } from './http/closing.js';
import { registerFrontPage, registerHealth } from './http/health.js';
import { registerIngestProtocols } from './ingest/index.js';
import { registerNative } from './ingest/native.js';
import { registerDebugRoutes } from './identity/debug-routes.js';
import { openIdentity, type IdentityRoom } from './identity/room.js';
import { registerPersonRoutes } from './identity/routes.js';
import { START_FREE_BYTES_MIN } from './limits.js';
import { createLog, type Log } from './log.js';
import { createMetrics, type Metrics } from './metrics.js';
import { openDoors } from './people/doors.js';
import { LINK_KEY_ID } from './people/sessions.js';
import { registerReadRoutes } from './read/index.js';
import { refuseLateAnswers } from './still-good.js';
import { openRecords, type Records } from './records.js';
import { registerServerMetrics } from './server-metrics.js';
import type { ServerDeps } from './seams.js';
import { DEFAULT_PROJECT, ensureDevKey } from './settings/dev-key.js';
import { registerRules } from './settings/rules.js';
import { registerKeyRoutes } from './settings/routes.js';
import { openSettings, type Settings } from './settings/settings.js';
import { startUpkeep } from './upkeep.js';
import { VERSION } from './version.js';
import { openWorkplace, type Workplace } from './workplace.js';
import { startWriting, type Writing } from './writing.js';

export interface RunningServer {
  readonly url: string;
  /** Opens the console once, signed in. */
  readonly signInUrl: string;
  /** The key of the file `dev-key`. */
  readonly devKey: string;
  readonly deps: ServerDeps;
  readonly enginePid: number | undefined;
  /** What the clock does for alerts, now. For tests, which do not wait. */
  readonly alerts: Workplace['alerts'];
  /** Expire, compress and save now. */
  upkeep(): Promise<void>;
  /** Resolves when the server stops by itself: nothing can be acknowledged any more. */
  readonly failed: Promise<unknown>;
  close(): Promise<void>;
}

/** For tests: a disk that fails, small segments, a clock that is set. */
export interface StartOptions {
  readonly disk?: Disk;
  readonly segmentBytesMax?: number;
  readonly nowMs?: () => number;
}

type Stops = (() => Promise<void> | void)[];

export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const stops: Stops = [];
  try {
    return await openRooms(config, options, stops);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function openRooms(config: Config, options: StartOptions, stops: Stops): Promise<RunningServer> {
  const log = createLog(config.logLevel);
  const metrics = createMetrics();
  const rules = loadRules(config.rulesFile, metrics);
  const paths = dataPaths(resolve(config.dataDirectory));
  prepareDataFolder(paths.root);
  const failure = createFailure(log);

  const ballast = createBallast({ path: paths.ballast, bytes: config.ballastBytes, log });
  // With nothing free not even the locks of a start could be written; what is given up here is what retention needs.
  if (freeBytes(paths.root) < START_FREE_BYTES_MIN) ballast.giveUp();
  else ballast.restore();

  const base = { config, paths, log, metrics, ballast };
  const { records, audit, identity } = await openTruth({ ...base, rules, failure, options, stops });
  const { admitNow } = records;
  const tryFreeSpace = () => ballast.giveUp();
  const acts = openActs({ path: paths.openActs, admitNow, tryFreeSpace, log });

  const settings = openSettings({ directory: paths.settings, acts, log, ...diskOf(options) });
  stops.push(() => settings.close());
  const devKey = ensureDevKey(paths.devKey, settings);

  const { engine, writing } = startStoring({ ...base, records });
  stops.push(
    () => engine.stop(),
    () => writing.stop(),
  );

  const upkeep = startUpkeep({ ...base, records, engine, writing, nowMs: options.nowMs });
  stops.push(() => upkeep.stop());

  const doors = openDoors(config, settings);
  const streams: Stops = [];
  const deps = serverDeps({ config, log, metrics, records, engine, upkeep, auth: doors.auth, streams });
  const adminServices = loadAdminServices(config.adminServices);
  const workplace = openWorkplace({ deps, acts, settings, doors, paths, adminServices, ...options });
  stops.push(() => workplace.stop());
  const http = await openHttp({ deps, acts, settings, workplace, engine, records, rules, audit, identity });
  acts.settleRest();
  stops.push(
    () => http.close(),
    () => stopAll(streams),
    () => http.stopTaking(),
  );

  const url = await http.listen(config);
  workplace.listensAt(url);
  const link = doors.sessions.createLink({ project: DEFAULT_PROJECT, keyId: LINK_KEY_ID });
  log.info('the server takes records', { url, data: paths.root });
  return {
    url,
    signInUrl: `${url}/#sign-in=${link}`,
    devKey,
    deps,
    alerts: workplace.alerts,
    get enginePid() {
      return engine.pid;
    },
    upkeep: () => upkeep.run(),
    failed: failure.happened,
    close: () => stopAll(stops),
  };
}

function diskOf({ disk }: StartOptions): { disk?: Disk } {
  return disk === undefined ? {} : { disk };
}

interface TruthParts {
  readonly config: Config;
  readonly paths: DataPaths;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ballast: Ballast;
  readonly rules: ActiveRules | undefined;
  readonly failure: { report(error: unknown): void };
  readonly options: StartOptions;
  readonly stops: Stops;
}

interface Truth {
  readonly records: Records;
  readonly audit: AuditRoom;
  readonly identity: IdentityRoom;
}

/** The queue with its ledger, and what follows it: the Merkle log, the links of people. */
async function openTruth(parts: TruthParts): Promise<Truth> {
  const { config, paths, log, metrics, ballast, rules, failure, options, stops } = parts;
  const records = await openRecords({
    firstTouch: createFirstTouch({ redact: config.redact, rules }),
    retention: config.retention,
    paths,
    log,
    metrics,
    ballast,
    onQueueFailure: failure.report,
    ...options,
  });
  stops.push(() => records.close());
  const { checkpointFile: exportFile } = config;
  const audit = openAudit({ directory: paths.proof, queue: records.queue, exportFile, log });
  stops.push(() => audit.stop());
  const telling = startTelling({ ...audit, config, directory: paths.proof, log });
  stops.push(() => telling?.stop());
  const identity = openIdentity({
    directory: config.identityDirectory === '' ? paths.identity : resolve(config.identityDirectory),
    dataDirectory: paths.root,
    queue: records.queue,
    admission: records.admission,
    log,
    metrics,
  });
  stops.push(() => identity.stop());
  return { records, audit, identity };
}

interface DepsParts extends Pick<ServerDeps, 'config' | 'log' | 'metrics' | 'auth'> {
  readonly records: Records;
  readonly engine: EngineLink;
  readonly upkeep: ReturnType<typeof startUpkeep>;
  readonly streams: Stops;
}

function serverDeps({ records, engine, upkeep, streams, ...parts }: DepsParts): ServerDeps {
  return {
    ...parts,
    admission: upkeep.guard(records.admission),
    state: records.state,
    store: () => engine.store(),
    ...(parts.config.clickhouseUrl === '' && { replaceEngine: () => engine.replace() }),
    onStop: (stop) => void streams.push(stop),
  };
}

interface StoringParts {
  readonly config: Config;
  readonly paths: DataPaths;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly records: Records;
}

/** Engine and writer know each other: the one brings the store, the other asks for a new engine when it is stuck. */
function startStoring({ config, paths, log, metrics, records }: StoringParts): {
  engine: EngineLink;
  writing: Writing;
} {
  const writing = startWriting({
    paths,
    log,
    metrics,
    records,
    filesShared: config.clickhouseUrl === '',
    onStuck: () => engine.replace(),
  });
  const engine = linkEngine({
    config,
    paths,
    log,
    onReady: (store) => writing.attach(store),
    onLost: () => writing.detach(),
  });
  return { engine, writing };
}

interface HttpParts {
  readonly deps: ServerDeps;
  readonly acts: Acts;
  readonly settings: Settings;
  readonly workplace: Workplace;
  readonly engine: EngineLink;
  readonly records: Records;
  readonly rules: ActiveRules | undefined;
  readonly audit: AuditRoom;
  readonly identity: IdentityRoom;
}

async function openHttp(parts: HttpParts) {
  const { deps, acts, settings, workplace, engine, records, rules, audit, identity } = parts;
  let isStopping = false;
  const { log, metrics, auth } = deps;
  const { trustedProxies } = deps.config;
  const app = createApp({ log, trustedProxies, isStopping: () => isStopping });
  const close = prepareClosing(app);
  const budget = new BodyBudget();
  registerServerMetrics({ metrics, records, engine, budget });
  registerHealth(app, {
    version: VERSION,
    metrics,
    auth,
    engine: () => engine.status(),
    queue: () => records.queue.status(),
    isStopping: () => isStopping,
  });
  refuseLateAnswers(app, auth);
  registerKeyRoutes(app, { settings, auth });
  registerRules(app, { auth, rules });
  const reading = registerReadRoutes(app, deps);
  registerAnalysisRoutes(app, reading, identity);
  registerAuditProofs(app, reading, audit);
  registerKeyChange(app, reading, audit);
  registerAuditHistory(app, reading, identity);
  registerPersonRoutes(app, reading, identity);
  registerDebugRoutes(app, { reading, room: identity, settings, nameOf: workplace.nameOf });
  await app.register(async (ingest: FastifyInstance) => {
    useRawBodies(ingest, budget);
    registerNative(ingest, deps);
    registerIngestProtocols(ingest, deps);
    registerAuditIntake(ingest, deps, audit);
  });
  workplace.register(app, reading);
  await registerBrowserRoom(app, deps, acts);
  await registerConsole(app);
  if (!app.hasRoute({ method: 'GET', url: '/' })) registerFrontPage(app, VERSION);
  return {
    listen: async ({ host, port }: Config) => {
      await app.listen({ host, port });
      const address = app.server.address();
      return urlOf(host, typeof address === 'object' && address !== null ? address.port : port);
    },
    stopTaking: () => {
      isStopping = true;
    },
    close,
  };
}

/** An address to open: "every interface" is reached by loopback. */
function urlOf(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
  return host.includes(':') ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}

function createFailure(log: Log): { report(error: unknown): void; happened: Promise<unknown> } {
  let report: (error: unknown) => void = () => undefined;
  const happened = new Promise<unknown>((done) => {
    report = (error) => {
      log.error('the queue cannot be written any more; the server stops. What was acknowledged is safe', {
        error,
      });
      done(error);
    };
  });
  return { report, happened };
}

/** Latest first. One that fails does not keep the others from stopping; the first error is told at the end. */
async function stopAll(stops: Stops): Promise<void> {
  const errors: unknown[] = [];
  for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) {
    try {
      await stop();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
