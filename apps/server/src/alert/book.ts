/**
 * The alerts: one per rule and group, opened by a signal, growing with each further one, resolved when it is quiet or by a
 * person, opened again when it comes back. Pure: no clock, no files, no network; every change worth telling raises `revision`.
 */
import { randomUUID } from 'node:crypto';

import type { AlertKind, Severity } from '@sillok/api';

import {
  ALERTS_MAX,
  APPROVAL_WAITS_MS_MAX,
  CAME_BACK_MS,
  EVENTS_MAX,
  NAMES_MAX,
  PEOPLE_MAX,
  PEOPLE_TOTAL_MAX,
  RESOLVE_INTERVALS,
  RESOLVE_QUIET_MS,
  RESOLVE_QUIET_MS_MAX,
  RESOLVE_QUIET_MS_MIN,
  TITLE_CHARS_MAX,
  TOLD_MAX,
  TOLD_WINDOW_MS,
} from './limits.js';
import type { Signal } from './signal.js';
import type { Says } from './titles.js';

export interface Delivery {
  /** What was told last: state and count then, and when. */
  sentState?: Alert['state'];
  sentCount: number;
  sentMs: number;
  /** Names the message at the target, so that it can be edited. */
  ref?: string;
  attempts: number;
  nextMs: number;
  firstFailureMs?: number;
  error?: string;
  givenUp?: boolean;
}

export interface AlertEvent {
  readonly time: string;
  readonly what: string;
  readonly by?: string;
}

export interface Alert {
  readonly id: string;
  readonly project: string;
  readonly rule: string;
  readonly kind: AlertKind;
  readonly group: string;
  readonly severity: Severity;
  readonly title: string;
  /** What the title is made from, where it is a sentence of ours. */
  readonly says?: Says;
  readonly q: string;
  /** Of a rule over a business database. */
  readonly database?: string;
  /** The page where something can be done about it. */
  readonly place?: string;
  readonly recordKind: string;
  state: 'open' | 'acknowledged' | 'resolved';
  /** Times of records, and of their arrival here. */
  readonly firstTime: string;
  lastTime: string;
  readonly openedMs: number;
  lastMs: number;
  count: number;
  people: Set<string>;
  peopleAtLeast: boolean;
  services: string[];
  releases: string[];
  traceId?: string;
  cameBack: boolean;
  /** Where the dependency is, if every service means the same by it. */
  readonly address?: string;
  /** The dependency answered, with a failure. */
  isAnswered?: boolean;
  /** The alert about what failed first: in the same request, or the same dependency under another service. */
  partOf?: string;
  /** One of too many new ones: shown in the console, told together. */
  isQuiet: boolean;
  acknowledgedMs?: number;
  acknowledgedBy?: string;
  mutedUntilMs?: number;
  resolvedMs?: number;
  noticedMs?: number;
  deliveries: { [target: string]: Delivery };
  events: AlertEvent[];
}

const FLOOD_RULE = 'builtin.flood';

/** Kinds of which there can be thousands at once; a dependency or a silent source is always told. */
const FLOODING: ReadonlySet<AlertKind> = new Set<AlertKind>(['new_error', 'new_pattern']);

/** What says so is each record that arrives; all other kinds are looked for by the clock. */
const ARRIVING: ReadonlySet<AlertKind> = new Set<AlertKind>([
  'new_error',
  'dependency',
  'bulk_deletion',
  'flood',
]);

export class AlertBook {
  readonly #quietMs: number;
  readonly #byId = new Map<string, Alert>();
  /** The latest alert of each rule and group. */
  readonly #byGroup = new Map<string, Alert>();
  readonly #opened = new Map<string, number[]>();
  #people = 0;

  constructor(quietMs: number = RESOLVE_QUIET_MS) {
    this.#quietMs = Math.max(quietMs, RESOLVE_QUIET_MS_MIN);
  }

  load(alerts: readonly Alert[]): void {
    for (const alert of alerts) this.#add(alert);
  }

  /** Oldest first. */
  list(): readonly Alert[] {
    return [...this.#byId.values()];
  }

  find(project: string, id: string): Alert | undefined {
    const alert = this.#byId.get(id);
    return alert?.project === project ? alert : undefined;
  }

  latest({ project, rule, group }: Pick<Signal, 'project' | 'rule' | 'group'>): Alert | undefined {
    return this.#byGroup.get(groupKey({ project, rule, group }));
  }

  raise(signal: Signal, nowMs: number): Alert {
    const known = this.latest(signal);
    const goesOn = known !== undefined && (known.state !== 'resolved' || nowMs - known.lastMs < CAME_BACK_MS);
    const cameBack = known !== undefined || signal.cameBack === true;
    const alert = goesOn ? known : this.#open(signal, { nowMs, cameBack });
    if (alert.state === 'resolved') this.#reopen(alert, nowMs);
    this.#grow(alert, signal, nowMs);
    return alert;
  }

  /** Ends what is quiet. A sparse error waits three times its own interval, so that it does not open and close. */
  resolveQuiet(nowMs: number, isStill: (alert: Alert) => boolean): Alert[] {
    return this.list().filter((alert) => {
      if (alert.state === 'resolved' || nowMs - alert.lastMs < this.#quietOf(alert) || isStill(alert))
        return false;
      this.#end(alert, nowMs);
      note(alert, { what: 'resolved', nowMs });
      return true;
    });
  }

  acknowledge(alert: Alert, by: string, nowMs: number): void {
    if (alert.state === 'resolved') return;
    alert.state = 'acknowledged';
    alert.acknowledgedMs = nowMs;
    alert.acknowledgedBy = by;
    alert.noticedMs ??= nowMs;
    note(alert, { what: 'acknowledged', nowMs, by });
  }

  resolve(alert: Alert, by: string, nowMs: number): void {
    if (alert.state === 'resolved') return;
    this.#end(alert, nowMs);
    note(alert, { what: 'resolved', nowMs, by });
  }

  mute(alert: Alert, by: string, at: { nowMs: number; untilMs: number }): void {
    if (at.untilMs > at.nowMs) alert.mutedUntilMs = at.untilMs;
    else delete alert.mutedUntilMs;
    note(alert, { what: at.untilMs > at.nowMs ? 'muted' : 'unmuted', nowMs: at.nowMs, by });
  }

  #quietOf({ kind, count, openedMs, lastMs }: Alert): number {
    // It waits for a person, and is over when one has decided.
    if (kind === 'approval') return APPROVAL_WAITS_MS_MAX;
    const interval = count > 1 ? (lastMs - openedMs) / (count - 1) : 0;
    const least = ARRIVING.has(kind) ? this.#quietMs : Math.max(this.#quietMs, RESOLVE_QUIET_MS);
    return Math.min(Math.max(least, interval * RESOLVE_INTERVALS), RESOLVE_QUIET_MS_MAX);
  }

  #open(signal: Signal, { nowMs, cameBack }: { nowMs: number; cameBack: boolean }): Alert {
    const { project, rule, kind, group, severity, title, q, time } = signal;
    const alert: Alert = {
      id: randomUUID(),
      project,
      rule,
      kind,
      group,
      severity,
      title: title.slice(0, TITLE_CHARS_MAX),
      ...(signal.says !== undefined && { says: signal.says }),
      q,
      ...(signal.database !== undefined && { database: signal.database }),
      ...(signal.place !== undefined && { place: signal.place }),
      recordKind: signal.recordKind ?? '',
      ...(signal.address !== undefined && { address: signal.address }),
      state: 'open',
      firstTime: time,
      lastTime: time,
      openedMs: nowMs,
      lastMs: nowMs,
      count: 0,
      people: new Set(),
      peopleAtLeast: false,
      services: [],
      releases: [],
      cameBack,
      isQuiet: FLOODING.has(kind) && this.#isFlood(project, nowMs),
      deliveries: {},
      events: [],
    };
    note(alert, { what: cameBack ? 'came_back' : 'opened', nowMs });
    this.#add(alert);
    if (alert.isQuiet) this.#flood(alert, nowMs);
    return alert;
  }

  #isFlood(project: string, nowMs: number): boolean {
    const recent = (this.#opened.get(project) ?? []).filter((ms) => nowMs - ms < TOLD_WINDOW_MS);
    const isFlood = recent.length >= TOLD_MAX;
    if (!isFlood) recent.push(nowMs);
    this.#opened.set(project, recent);
    return isFlood;
  }

  /** Many new errors at once are one message that counts them. */
  #flood(alert: Alert, nowMs: number): void {
    const { project, firstTime: time, severity } = alert;
    const title = `${alert.title.slice(0, TITLE_CHARS_MAX - 1)}…`;
    const common = { project, rule: FLOOD_RULE, kind: 'flood', group: 'flood', severity } as const;
    this.raise({ ...common, title, q: 'level:(error OR fatal)', time, count: 1 }, nowMs);
  }

  #reopen(alert: Alert, nowMs: number): void {
    alert.state = 'open';
    alert.cameBack = true;
    delete alert.resolvedMs;
    delete alert.acknowledgedMs;
    delete alert.acknowledgedBy;
    note(alert, { what: 'came_back', nowMs });
  }

  #grow(alert: Alert, signal: Signal, nowMs: number): void {
    const isOther = alert.recordKind !== '' && signal.recordKind !== alert.recordKind;
    if (signal.isLevel === true) alert.count = Math.max(alert.count, signal.count);
    else if (!isOther) alert.count += signal.count;
    if (signal.time > alert.lastTime) alert.lastTime = signal.time;
    alert.lastMs = nowMs;
    // A dependency that gives no answer any more has nothing behind it.
    if (alert.kind === 'dependency') {
      const isAnswered = signal.isAnswered === true && alert.isAnswered !== false;
      if (alert.isAnswered === true && !isAnswered) delete alert.partOf;
      alert.isAnswered = isAnswered;
    }
    for (const person of signal.people ?? []) this.#addPerson(alert, person);
    addName(alert.services, signal.service);
    addName(alert.releases, signal.release);
    if (signal.traceId !== undefined) alert.traceId ??= signal.traceId;
  }

  #addPerson(alert: Alert, person: string): void {
    if (alert.people.has(person)) return;
    if (alert.people.size >= PEOPLE_MAX || this.#people >= PEOPLE_TOTAL_MAX) {
      alert.peopleAtLeast = true;
      return;
    }
    alert.people.add(person);
    this.#people += 1;
  }

  #end(alert: Alert, nowMs: number): void {
    alert.state = 'resolved';
    alert.resolvedMs = nowMs;
  }

  #add(alert: Alert): void {
    this.#byId.set(alert.id, alert);
    this.#byGroup.set(groupKey(alert), alert);
    this.#people += alert.people.size;
    if (this.#byId.size > ALERTS_MAX) this.#forgetOne();
  }

  /** The oldest resolved one; else the oldest. */
  #forgetOne(): void {
    const list = this.list();
    const alert = list.find(({ state }) => state === 'resolved') ?? list[0];
    if (alert === undefined) return;
    this.#byId.delete(alert.id);
    this.#people -= alert.people.size;
    if (this.#byGroup.get(groupKey(alert)) === alert) this.#byGroup.delete(groupKey(alert));
  }
}

function groupKey({ project, rule, group }: Pick<Signal, 'project' | 'rule' | 'group'>): string {
  return `${project}\n${rule}\n${group}`;
}

function addName(names: string[], name: string | undefined): void {
  if (name !== undefined && name !== '' && names.length < NAMES_MAX && !names.includes(name))
    names.push(name);
}

export function note(alert: Alert, { what, nowMs, by }: { what: string; nowMs: number; by?: string }): void {
  const time = new Date(nowMs).toISOString();
  alert.events.push({ time, what, ...(by !== undefined && { by }) });
  if (alert.events.length > EVENTS_MAX) alert.events.splice(1, 1);
}
