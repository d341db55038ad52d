/**
 * Runs statements so that they end: when the caller goes away, when somebody cancels them by id, or when their time is
 * up. "Ended" is what the engine confirms; an engine that does not obey is replaced, so that a runaway cannot hold a
 * place for ever. Ingest does not notice.
 */
import { randomUUID } from 'node:crypto';
import type { SelectQuery, SelectResult, Store } from '@sillok/store';
import type { FastifyReply } from 'fastify';
import type { Log } from '../log.js';
import type { RecordState } from '../seams.js';
import { timedOut } from './errors.js';
import { KILL_GRACE_MS, SEARCH_MEMORY_BYTES_MAX, SEARCH_TIME_MS_MAX } from './limits.js';
import { rowsShown } from './rows-shown.js';
import { SEARCH_SETTINGS } from './search-settings.js';

export interface RunOptions {
  readonly project: string;
  /** Ends the statement when this answer's connection closes before it was sent. */
  readonly reply?: FastifyReply;
  /** The name that the caller may cancel it by. */
  readonly name?: string;
}

export type RunQuery = Omit<SelectQuery, 'pool'> & {
  readonly pool?: 'search' | 'user';
  /** A condition of ours that holds for every row of the records, whatever the statement says. */
  readonly wall?: string;
};

export interface RunningQueries {
  /** Pool and limits of search unless the query says otherwise. Throws the store's errors as they are. */
  run(query: RunQuery, options: RunOptions): Promise<SelectResult>;
  /** True when the engine has confirmed the end; undefined when the project runs nothing of that name. */
  cancel(project: string, name: string): Promise<boolean | undefined>;
  /** How many statements that readers wrote run now. */
  readonly userCount: number;
  isTaken(project: string, name: string): boolean;
}

export interface RunningDeps {
  readonly store: () => Store;
  readonly state: Pick<RecordState, 'halfInserted'>;
  readonly log: Log;
  readonly replaceEngine?: () => void;
}

interface Running {
  readonly queryId: string;
  readonly isUser: boolean;
  readonly abort: AbortController;
  /** Set when its time was up, so that the error says so. */
  isLate: boolean;
  ended: Promise<boolean> | undefined;
}

export function createRunning(deps: RunningDeps): RunningQueries {
  const running = new Map<string, Running>();

  /** Ends a statement once, whoever asks for it. */
  function end(entry: Running): Promise<boolean> {
    entry.ended ??= confirmEnd(deps, entry);
    entry.abort.abort();
    return entry.ended;
  }

  async function run(query: RunQuery, options: RunOptions): Promise<SelectResult> {
    const entry: Running = {
      queryId: `sillok-${randomUUID()}`,
      isUser: query.pool === 'user',
      abort: new AbortController(),
      isLate: false,
      ended: undefined,
    };
    const key = keyOf(options.project, options.name ?? entry.queryId);
    const limits = { timeoutMs: SEARCH_TIME_MS_MAX, memoryBytes: SEARCH_MEMORY_BYTES_MAX, ...query.limits };
    const raw = options.reply?.raw;
    const onClose = (): void => void (raw?.writableFinished === true ? undefined : end(entry));
    const timer = setTimeout(() => {
      entry.isLate = true;
      void end(entry);
    }, limits.timeoutMs + KILL_GRACE_MS);
    running.set(key, entry);
    raw?.once('close', onClose);
    try {
      const { pool = 'search', wall, ...statement } = query;
      const store = deps.store();
      const settings = {
        ...SEARCH_SETTINGS,
        ...query.settings,
        ...rowsShown(store.table, wall, deps.state.halfInserted()),
      };
      const { queryId } = entry;
      return await store.select({
        ...statement,
        pool,
        limits,
        settings,
        queryId,
        signal: entry.abort.signal,
      });
    } catch (error) {
      throw entry.isLate ? timedOut(error) : error;
    } finally {
      clearTimeout(timer);
      raw?.off('close', onClose);
      running.delete(key);
    }
  }

  return {
    run,
    async cancel(project, name) {
      const entry = running.get(keyOf(project, name));
      return entry === undefined ? undefined : end(entry);
    },
    get userCount() {
      return [...running.values()].filter(({ isUser }) => isUser).length;
    },
    isTaken: (project, name) => running.has(keyOf(project, name)),
  };
}

function keyOf(project: string, name: string): string {
  return `${project}\n${name}`;
}

async function confirmEnd(deps: RunningDeps, { queryId }: Running): Promise<boolean> {
  const isEnded = await deps
    .store()
    .kill(queryId)
    .catch(() => false);
  if (isEnded) return true;
  deps.log.warn('a statement did not obey its KILL; the engine is replaced. No record is lost', { queryId });
  deps.replaceEngine?.();
  return deps.replaceEngine !== undefined;
}
