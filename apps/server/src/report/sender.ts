/**
 * Sends reports at their time. What was sent is kept in a file: a report whose time came while the server was not running is
 * sent once, late and marked so, after the start; one that a target did not take is tried again.
 */
import { existsSync, readFileSync } from 'node:fs';

import type { Report } from '@sillok/api';
import { VALUE_PREFIX } from '@sillok/api/console-pages';

import type { Targets } from '../alert/targets.js';
import { replaceFileNow } from '../durable-file.js';
import type { Log } from '../log.js';
import { chosenOf } from '../dashboard/variables.js';
import type { DatabaseRoom } from '../database/room.js';
import type { Reading } from '../read/reading.js';
import type { Shelf, Shelved } from '../settings/objects.js';
import {
  REPORT_GIVE_UP_MS,
  REPORT_LATE_MS,
  REPORT_RETRY_MS_MAX,
  REPORT_RETRY_MS_MIN,
  REPORT_TICK_MS,
} from './limits.js';
import { reportMessage } from './report-message.js';
import { runReport } from './run-report.js';
import { dueAt } from './schedule.js';

/** One sending of one report. */
export interface Sending {
  /** The time it was due. */
  readonly atMs: number;
  readonly isLate: boolean;
  /** Targets that have it. */
  readonly done: string[];
  attempts: number;
  nextMs: number;
  state: 'waiting' | 'failing' | 'sent' | 'given_up';
  /** When all targets had it. */
  sentMs?: number;
  error?: string;
}

export interface SenderOptions {
  readonly shelf: Shelf<Report>;
  readonly targets: Targets;
  readonly reading: Reading;
  readonly log: Log;
  readonly path: string;
  readonly baseUrl: () => string;
  /** Projects that are archived: their reports are kept, and not sent. */
  readonly isResting?: (project: string) => boolean;
  readonly databases: DatabaseRoom;
  readonly nowMs?: () => number;
}

export class ReportSender {
  readonly #options: SenderOptions;
  readonly #sendings: Map<string, Sending>;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#sendings = readSendings(options);
    this.#timer = setInterval(() => void this.run(), REPORT_TICK_MS);
    this.#timer.unref();
  }

  lastOf({ project, id }: { project: string; id: string }): Sending | undefined {
    return this.#sendings.get(`${project}\n${id}`);
  }

  /** Sends what is due. One run at a time. */
  run(): Promise<void> {
    this.#running ??= this.#all()
      .catch((error: unknown) => this.#options.log.error('reports could not be looked at', { error }))
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Sends it now, whatever its schedule says. Throws what a target answers. */
  async sendNow(report: Shelved<Report>): Promise<void> {
    const nowMs = this.#now;
    const sending: Sending = {
      atMs: nowMs,
      isLate: false,
      done: [],
      attempts: 0,
      nextMs: 0,
      state: 'waiting',
    };
    await this.#tell(report, sending);
  }

  get #now(): number {
    return (this.#options.nowMs ?? Date.now)();
  }

  async #all(): Promise<void> {
    for (const report of this.#options.shelf.all()) {
      if (report.value.schedule === '' || report.value.targets.length === 0) continue;
      if (this.#options.isResting?.(report.project) === true) continue;
      const sending = this.#dueOf(report);
      if (sending !== undefined) await this.#try(report, sending);
    }
  }

  #dueOf(report: Shelved<Report>): Sending | undefined {
    const nowMs = this.#now;
    const known = this.lastOf(report);
    // A schedule counts from when the report was last changed: a new one does not send what it would have sent before.
    const lastMs = Math.max(known?.atMs ?? 0, Date.parse(report.updated_at));
    const atMs = dueAt(report.value, { lastMs, nowMs });
    if (atMs !== undefined) {
      const isLate = nowMs - atMs > REPORT_LATE_MS;
      const sending: Sending = { atMs, isLate, done: [], attempts: 0, nextMs: 0, state: 'waiting' };
      this.#keep(report, sending);
      return sending;
    }
    const isOpen = known?.state === 'waiting' || known?.state === 'failing';
    return known !== undefined && isOpen && known.nextMs <= nowMs ? known : undefined;
  }

  async #try(report: Shelved<Report>, sending: Sending): Promise<void> {
    try {
      await this.#tell(report, sending);
      sending.state = 'sent';
      sending.sentMs = this.#now;
      delete sending.error;
    } catch (error) {
      sending.attempts += 1;
      const waitMs = Math.min(REPORT_RETRY_MS_MIN * 2 ** (sending.attempts - 1), REPORT_RETRY_MS_MAX);
      sending.nextMs = this.#now + waitMs;
      sending.error = error instanceof Error ? error.message.slice(0, 300) : String(error);
      sending.state = this.#now - sending.atMs > REPORT_GIVE_UP_MS ? 'given_up' : 'failing';
      this.#options.log.warn('a report could not be sent; it is tried again', {
        report: report.value.name,
        error,
      });
    }
    this.#keep(report, sending);
  }

  /** To each target that does not have it yet; what one of them took is kept even when the next one fails. */
  async #tell(report: Shelved<Report>, sending: Sending): Promise<void> {
    const { reading, targets, baseUrl } = this.#options;
    const { project, id, value } = report;
    const answer = await runReport(reading, {
      project,
      report: value,
      values: value.values,
      atMs: sending.atMs,
      databases: this.#options.databases,
    });
    const at = new Date(sending.atMs).toISOString();
    const chosen = chosenOf(value.variables, value.values);
    // The link leads to what is told here, also after somebody gave the report other values.
    const values = chosen.map((each) => [`${VALUE_PREFIX}${each.name}`, each.value]);
    const asked = new URLSearchParams({ at, project, ...Object.fromEntries(values) });
    const message = reportMessage(answer, {
      language: value.language,
      link: `${baseUrl()}/reports/${id}?${asked}`,
      isLate: sending.isLate,
      narrowed: chosen.flatMap((each) =>
        each.value === '' ? [] : [`${each.label || each.field}: ${each.value}`],
      ),
    });
    let failure: unknown;
    for (const target of value.targets) {
      const found = targets.shelf.get(project, target);
      if (found === undefined || sending.done.includes(target)) continue;
      try {
        await targets.tell(found.value, { message, id: `${id}.${sending.atMs}`, ref: undefined });
        sending.done.push(target);
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  #keep({ project, id }: Shelved<Report>, sending: Sending): void {
    this.#sendings.set(`${project}\n${id}`, sending);
    const { path, log } = this.#options;
    try {
      replaceFileNow(path, JSON.stringify([...this.#sendings]));
    } catch (error) {
      log.error('what was sent of reports cannot be written down; a restart may send one again', { error });
    }
  }
}

function readSendings({ path, log }: SenderOptions): Map<string, Sending> {
  if (!existsSync(path)) return new Map();
  try {
    // Written by `#keep`, replaced whole.
    return new Map(JSON.parse(readFileSync(path, 'utf8')) as [string, Sending][]);
  } catch (error) {
    log.error('what was sent of reports cannot be read; their next time counts', { path, error });
    return new Map();
  }
}
