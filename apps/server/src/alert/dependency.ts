/**
 * A dependency that fails while its process looks healthy. Judged from real errors only: client spans that failed, and
 * errors whose code or words say that a connection was refused, cut, timed out or that no more are to be had.
 */
import type { FlatRecord } from '@sillok/record';

import { textOf } from '../analysis/compare/fingerprint.js';
import { DEPENDENCIES_MAX, DEPENDENCY_ERRORS_MIN, DEPENDENCY_WINDOW_MS } from './limits.js';
import type { Signal } from './signal.js';

/** Codes of Node and of drivers, and the words of drivers without one. */
const CODES =
  /\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EPIPE|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)\b/;
const WORDS =
  /connection (?:refused|reset|terminated|timed out|timeout)|too many (?:connections|clients)|remaining connection slots|(?:socket hang up|connect timeout)|the database system is (?:starting up|shutting down|in recovery)|server closed the connection|no brokers available|circuit breaker is open/i;
const ADDRESS =
  /(?:ECONN\w+|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)\s+((?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?|\[?[0-9a-f:]*::[0-9a-f:]*\]?(?::\d{1,5})?|[a-z0-9][a-z0-9.-]{0,200}(?::\d{1,5})?)/i;

export interface Dependency {
  /** Tells one from another: its place, where that is known. A log line does not say which system answers there. */
  readonly place: string;
  /** As a person names it. */
  readonly name: string;
  /** The same place for everybody who names it: not this machine, and not only the name of a system. */
  readonly isShared: boolean;
}

/** What failed; undefined when the error is not about a dependency. */
export function dependencyOf(record: FlatRecord): Dependency | undefined {
  const told = toldDependency(record);
  const isClient = record.kind === 'span' && textOf(record, 'span.kind') === 'client';
  if (isClient && told !== undefined) return told;
  const text = [
    record.message,
    textOf(record, 'exception.message'),
    textOf(record, 'error.type'),
    textOf(record, 'error.code'),
    textOf(record, 'err.code'),
  ].join('\n');
  if (!CODES.test(text) && !WORDS.test(text)) return undefined;
  const place = ADDRESS.exec(text)?.[1] ?? 'a connection';
  return told ?? { place, name: place, isShared: isShared(place) };
}

function toldDependency(record: FlatRecord): Dependency | undefined {
  const system = textOf(record, 'db.system.name') || textOf(record, 'messaging.system');
  const address = textOf(record, 'server.address');
  const port = record.attributes?.['server.port'];
  const place = address === '' ? '' : `${address}${typeof port === 'number' ? `:${port}` : ''}`;
  const name = [system, place].filter(Boolean).join(' ');
  return name === '' ? undefined : { place: place || name, name, isShared: isShared(place) };
}

const LOOPBACK = /^(?:localhost|127\.|\[?::1\]?)/i;

/** `db.internal:5432` is one place for all services; `127.0.0.1:5432` is another one on each machine. */
function isShared(place: string): boolean {
  return /[.:]/.test(place) && !LOOPBACK.test(place);
}

/** It took the call and answered, with a failure. */
export function hasAnswered(record: FlatRecord): boolean {
  const name = 'http.response.status_code';
  return Number(record[name] ?? record.attributes?.[name] ?? 0) > 0;
}

interface Pending {
  /** When the latest failures arrived, with what they would say. */
  readonly times: number[];
  readonly signals: Signal[];
}

/** Failures wait until there are enough of them; those that stay few are handed back as ordinary errors. */
export class DependencyWatch {
  readonly #pending = new Map<string, Pending>();

  /** The signals to raise now: none while there are too few, all that waited once there are enough. */
  failed(signal: Signal, nowMs: number): readonly Signal[] {
    const key = `${signal.project}\n${signal.group}`;
    const pending = this.#pending.get(key) ?? { times: [], signals: [] };
    pending.times.push(nowMs);
    pending.signals.push(signal);
    // The statement that failed and the line about it are one failure.
    const failures = pending.signals.filter(({ recordKind }) => recordKind === signal.recordKind);
    if (failures.length < DEPENDENCY_ERRORS_MIN) {
      if (this.#pending.size < DEPENDENCIES_MAX) this.#pending.set(key, pending);
      return [];
    }
    this.#pending.delete(key);
    return pending.signals;
  }

  /** What waited for company longer than the window. */
  takeLonely(nowMs: number): readonly Signal[] {
    const lonely: Signal[] = [];
    for (const [key, { times, signals }] of this.#pending) {
      if (nowMs - (times[0] ?? 0) < DEPENDENCY_WINDOW_MS) continue;
      this.#pending.delete(key);
      // The line says it in words; of the call that failed it would be a second error.
      const lines = signals.filter(({ recordKind }) => recordKind !== 'span');
      lonely.push(...(lines.length > 0 ? lines : signals));
    }
    return lonely;
  }
}
