/**
 * Keeps one engine child running: pings it, kills it when it is stuck (also when stopped by SIGSTOP) or its files are gone,
 * starts a new one with backoff. Ingest does not wait for any of this: the queue is the truth and the writer tries again.
 *
 * States: `starting` → `running` → (`stuck` →) `down` → `starting` …, until `stop()`.
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from './errors.js';
import { watchFolder } from './folder.js';
import {
  PING_FAILURES_MAX,
  PING_INTERVAL_MS,
  PING_TIMEOUT_MS,
  RESTART_DELAY_MS_MAX,
  RESTART_DELAY_MS_MIN,
  STABLE_AFTER_MS,
} from './limits.js';
import { startEngine, type EngineExit, type EngineHandle, type EngineOptions } from './start.js';

export type EngineEvent =
  | { readonly type: 'started'; readonly engine: EngineHandle; readonly restarts: number }
  | { readonly type: 'start_failed'; readonly error: unknown; readonly nextAttemptMs: number }
  | { readonly type: 'stuck'; readonly pid: number; readonly missedPings: number }
  /** Somebody deleted its files while it ran. */
  | { readonly type: 'files_gone'; readonly pid: number }
  | { readonly type: 'exited'; readonly pid: number; readonly exit: EngineExit };

export interface SuperviseOptions extends EngineOptions {
  readonly onEvent?: (event: EngineEvent) => void;
  readonly pingIntervalMs?: number;
  readonly pingTimeoutMs?: number;
  readonly pingFailuresMax?: number;
}

export interface EngineSupervisor {
  /** The running engine, undefined between two. Its URL and secret change with every start. */
  readonly current: EngineHandle | undefined;
  readonly restarts: number;
  /** Resolves with the running engine, at once or after the next start; rejects once stopped. */
  ready(): Promise<EngineHandle>;
  /** Ends the child now, for a statement that does not obey KILL; a new one is started. */
  replace(): void;
  stop(): Promise<void>;
}

export function superviseEngine(options: SuperviseOptions): EngineSupervisor {
  const supervision = new Supervision(options);
  const finished = supervision.run();
  return {
    get current() {
      return supervision.current;
    },
    get restarts() {
      return supervision.restarts;
    },
    ready: () => supervision.ready(),
    replace: () => supervision.current?.kill(),
    async stop() {
      supervision.stop();
      await finished;
    },
  };
}

interface Waiting {
  readonly resolve: (engine: EngineHandle) => void;
  readonly reject: (error: EngineError) => void;
}

function stopped(): EngineError {
  return new EngineError('engine_stopped', 'The engine has been stopped', {
    help: 'The server is shutting down.',
  });
}

class Supervision {
  current: EngineHandle | undefined;
  restarts = 0;
  readonly #options: SuperviseOptions;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<Waiting>();

  constructor(options: SuperviseOptions) {
    this.#options = options;
  }

  ready(): Promise<EngineHandle> {
    if (this.current !== undefined) return Promise.resolve(this.current);
    if (this.#stopping.signal.aborted) return Promise.reject(stopped());
    return new Promise((resolve, reject) => this.#waiting.add({ resolve, reject }));
  }

  stop(): void {
    this.#stopping.abort();
    this.current?.kill();
    for (const { reject } of this.#waiting) reject(stopped());
    this.#waiting.clear();
  }

  async run(): Promise<void> {
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      const engine = await this.#start(failures);
      if (engine === undefined) {
        failures++;
        continue;
      }
      const startedMs = performance.now();
      await this.#watch(engine);
      failures = performance.now() - startedMs > STABLE_AFTER_MS ? 0 : failures + 1;
      if (!this.#stopping.signal.aborted) {
        this.restarts++;
        await this.#pause(failures);
      }
    }
  }

  async #start(failures: number): Promise<EngineHandle | undefined> {
    try {
      const engine = await startEngine(this.#options);
      if (this.#stopping.signal.aborted) {
        await engine.stop();
        return undefined;
      }
      this.current = engine;
      this.#emit({ type: 'started', engine, restarts: this.restarts });
      for (const { resolve } of this.#waiting) resolve(engine);
      this.#waiting.clear();
      return engine;
    } catch (error) {
      this.#emit({ type: 'start_failed', error, nextAttemptMs: backoffMs(failures + 1) });
      await this.#pause(failures + 1);
      return undefined;
    }
  }

  /** Resolves when the engine is gone. */
  async #watch(engine: EngineHandle): Promise<void> {
    const gone = new AbortController();
    const exit = new Promise<EngineExit>((resolve) => engine.onExit(resolve));
    void exit.then(() => gone.abort());
    await this.#pingUntilStuck(engine, gone.signal);
    // A stopped process (SIGSTOP) obeys nothing but SIGKILL.
    engine.kill();
    this.current = undefined;
    this.#emit({ type: 'exited', pid: engine.pid, exit: await exit });
  }

  async #pingUntilStuck(engine: EngineHandle, gone: AbortSignal): Promise<void> {
    const { pingIntervalMs, pingTimeoutMs, pingFailuresMax } = this.#options;
    const missedMax = pingFailuresMax ?? PING_FAILURES_MAX;
    const isWhole = watchFolder(this.#options.dataDirectory);
    let missed = 0;
    while (!gone.aborted) {
      await delay(pingIntervalMs ?? PING_INTERVAL_MS, undefined, { signal: gone }).catch(() => undefined);
      if (gone.aborted) return;
      if (!isWhole()) {
        this.#emit({ type: 'files_gone', pid: engine.pid });
        return;
      }
      const answered = await ping(engine.url, { timeoutMs: pingTimeoutMs ?? PING_TIMEOUT_MS, gone });
      missed = answered ? 0 : missed + 1;
      if (missed < missedMax || gone.aborted) continue;
      this.#emit({ type: 'stuck', pid: engine.pid, missedPings: missed });
      return;
    }
  }

  async #pause(failures: number): Promise<void> {
    const { signal } = this.#stopping;
    await delay(backoffMs(failures), undefined, { signal }).catch(() => undefined);
  }

  #emit(event: EngineEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Doubles per failure, with a ceiling; the first restart is almost at once. */
function backoffMs(failures: number): number {
  return Math.min(RESTART_DELAY_MS_MAX, RESTART_DELAY_MS_MIN * 2 ** Math.min(failures - 1, 10));
}

function ping(url: string, { timeoutMs, gone }: { timeoutMs: number; gone: AbortSignal }): Promise<boolean> {
  return new Promise((resolve) => {
    const signal = AbortSignal.any([gone, AbortSignal.timeout(timeoutMs)]);
    const call = request(`${url}/ping`, { signal, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode === 200));
      response.on('error', () => resolve(false));
    });
    call.on('error', () => resolve(false)).end();
  });
}
