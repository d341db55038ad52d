/**
 * The store and whether it answers: the embedded engine under supervision, or a ClickHouse server that somebody else runs.
 * Whoever needs the store gets it or a typed error; ingest never asks.
 */
import { engineAvailable, superviseEngine, type EngineEvent } from '@sillok/engine';
import { createStore, type Store } from '@sillok/store';

import type { Config } from './config.js';
import { engineUnavailable } from './errors.js';
import type { DataPaths } from './filenames.js';
import { REMOTE_PING_INTERVAL_MS } from './limits.js';
import type { Log } from './log.js';

export interface EngineStatus {
  readonly ready: boolean;
  /** `embedded` or `external`. */
  readonly kind: string;
  readonly reason?: string;
  readonly help?: string;
  readonly restarts: number;
}

export interface EngineLink {
  /** Throws a `ServerError` (503) while there is none. */
  store(): Store;
  status(): EngineStatus;
  /** Replaces an engine that does not end a statement. An external one is not ours to end. */
  replace(): void;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export interface EngineLinkOptions {
  readonly config: Config;
  readonly paths: DataPaths;
  readonly log: Log;
  /** The engine answers and has its tables; nobody reads before this resolves. Called again after each restart. */
  onReady(store: Store): Promise<void>;
  onLost(): void;
}

export function linkEngine(options: EngineLinkOptions): EngineLink {
  if (options.config.clickhouseUrl !== '') return linkExternal(options);
  const available = engineAvailable();
  if (available.ok) return linkEmbedded(options);
  options.log.error(`${available.reason}: records are taken and kept, but cannot be searched`, {
    help: available.help,
  });
  return linkNothing(available);
}

function linkNothing({ reason, help }: { reason: string; help: string }): EngineLink {
  return {
    store: () => {
      throw engineUnavailable(reason);
    },
    status: () => ({ ready: false, kind: 'embedded', reason, help, restarts: 0 }),
    replace: () => undefined,
    pid: undefined,
    stop: async () => undefined,
  };
}

function linkEmbedded({ paths, log, onReady, onLost, config }: EngineLinkOptions): EngineLink {
  let store: Store | undefined;
  let isReady = false;
  let reason = 'it is starting';
  let isStopping = false;

  async function begin(engine: { url: string; secret: string }): Promise<void> {
    const endpoint = { url: engine.url, username: 'default', password: engine.secret };
    if (store === undefined)
      store = createStore({ ...endpoint, database: config.clickhouseDatabase, filesShared: true });
    else store.moveTo(endpoint);
    await store.migrate();
    if (supervisor.current?.url !== engine.url) return;
    await onReady(store);
    // Not before: until it is compared with the queue, an empty store would be read as "up to now, and nothing there".
    if (supervisor.current?.url === engine.url) isReady = true;
  }

  function onEvent(event: EngineEvent): void {
    if (isStopping) return;
    if (event.type === 'started') {
      log.info('the engine runs', {
        pid: event.engine.pid,
        version: event.engine.version,
        restarts: event.restarts,
      });
      begin(event.engine).catch((error: unknown) => {
        reason = 'its tables cannot be prepared';
        log.error('the tables of the engine cannot be prepared; it is replaced', { error });
        supervisor.replace();
      });
      return;
    }
    isReady = false;
    onLost();
    reason = event.type === 'start_failed' ? 'it does not start' : 'it is being restarted';
    if (event.type === 'start_failed') log.error('the engine does not start', { error: event.error });
    else log.warn('the engine is gone; it is started again', { ...event });
  }

  const supervisor = superviseEngine({ dataDirectory: paths.engine, inboxDirectory: paths.inbox, onEvent });
  return {
    store: () => {
      if (store === undefined || !isReady) throw engineUnavailable(reason);
      return store;
    },
    status: () => ({
      ready: isReady,
      kind: 'embedded',
      restarts: supervisor.restarts,
      ...(!isReady && { reason }),
    }),
    replace: () => supervisor.replace(),
    get pid() {
      return supervisor.current?.pid;
    },
    async stop() {
      isStopping = true;
      await store?.close();
      await supervisor.stop();
    },
  };
}

function linkExternal({ config, log, onReady, onLost }: EngineLinkOptions): EngineLink {
  const {
    clickhouseUrl: url,
    clickhouseUser: username,
    clickhousePassword: password,
    clickhouseDatabase: database,
  } = config;
  const cluster = config.clickhouseCluster === '' ? {} : { cluster: config.clickhouseCluster };
  const store = createStore({ url, username, password, database, ...cluster, filesShared: false });
  let isReady = false;
  let isBusy = false;

  async function look(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      const answers = await store.ping();
      if (answers && !isReady) {
        await store.migrate();
        await onReady(store);
        isReady = true;
        log.info('the ClickHouse server answers', { url });
      } else if (!answers && isReady) {
        isReady = false;
        onLost();
        log.warn('the ClickHouse server does not answer', { url });
      }
    } catch (error) {
      log.error('the tables of the ClickHouse server cannot be prepared', { error });
    } finally {
      isBusy = false;
    }
  }

  const timer = setInterval(() => void look(), REMOTE_PING_INTERVAL_MS);
  void look();
  return {
    store: () => {
      if (!isReady) throw engineUnavailable('the ClickHouse server does not answer');
      return store;
    },
    status: () => ({
      ready: isReady,
      kind: 'external',
      restarts: 0,
      ...(!isReady && { reason: 'it does not answer' }),
    }),
    replace: () => undefined,
    pid: undefined,
    async stop() {
      clearInterval(timer);
      await store.close();
    },
  };
}
