/**
 * What arrives, right after its fsync and without the database: errors that are new or came back, dependencies that fail,
 * who was heard of. Lines are decoded only when their bytes say that they are errors, so that ordinary traffic costs one
 * scan of its bytes.
 */
import type { Row } from '@sillok/query';
import { decodeRecord } from '@sillok/record';

import type { AdmittedBatch } from '../seams.js';
import type { ErrorLives } from '../error-life/lives.js';
import type { ReplayBook } from '../replay/book.js';
import { APPROVAL_RULE, waitingOf } from './approvals.js';
import type { AlertBook } from './book.js';
import { deleterOf, deletionSearch, DeletionWatch } from './deletions.js';
import { dependencyOf, DependencyWatch, hasAnswered } from './dependency.js';
import { RANK, type Incidents } from './incidents.js';
import { LINE_HEAD_BYTES } from './limits.js';
import { textOf } from '../analysis/compare/fingerprint.js';
import { fingerprintOf, quoted, searchFor } from './fingerprint.js';
import { knownId, type KnownErrors } from './known-errors.js';
import type { RuleBook } from './rules.js';
import type { ScriptRuns } from './script-runs.js';
import type { Signal } from './signal.js';
import type { Sources } from './sources.js';
import { ours } from './titles.js';

/** As a canonical line writes them; elsewhere in a line the quotes would be escaped. */
const ERROR_MARKS = ['"level":"error"', '"level":"fatal"'];
const AUDIT_MARKS = ['"kind":"audit"'];
const REPLAY_MARKS = ['"event.name":"replay.'];
const SCRIPT_MARKS = ['"event.name":"script.'];

/** Kinds whose errors are told. Access records and spans without an exception repeat what a log line says. */
const TELLING_KINDS: ReadonlySet<string> = new Set(['log', 'script', 'event']);

export interface ArrivalParts {
  readonly book: AlertBook;
  readonly rules: RuleBook;
  readonly known: KnownErrors;
  readonly lives: ErrorLives;
  readonly sources: Sources;
  readonly replays: ReplayBook;
  readonly incidents: Incidents;
  readonly scripts: ScriptRuns;
}

type Life = ReturnType<ErrorLives['seen']>;

export class Arrival {
  readonly #parts: ArrivalParts;
  readonly #dependencies = new DependencyWatch();
  readonly #deletions = new DeletionWatch();

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** True when an alert was opened or grew. */
  take(batch: AdmittedBatch, nowMs: number): boolean {
    this.#hear(batch, nowMs);
    let isWorth = false;
    for (const row of errorsIn(batch)) isWorth = this.#error(row, nowMs) || isWorth;
    for (const row of rowsIn(batch, AUDIT_MARKS)) {
      isWorth = this.#deletion(row, nowMs) || isWorth;
      isWorth = this.#approval(row, nowMs) || isWorth;
    }
    for (const row of rowsIn(batch, REPLAY_MARKS)) this.#parts.replays.hear(row, nowMs);
    for (const row of rowsIn(batch, SCRIPT_MARKS)) this.#script(row, nowMs);
    return isWorth;
  }

  /** Connection errors that stayed alone are ordinary errors. */
  tick(nowMs: number): boolean {
    const lonely = this.#dependencies.takeLonely(nowMs);
    return lonely.filter((signal) => this.#newError(signal, nowMs)).length > 0;
  }

  #hear({ project, resource, lines }: AdmittedBatch, nowMs: number): void {
    const service = resource['service.name'];
    if (service === undefined) return;
    const lastTime = timeOfLastLine(lines?.at(-1));
    const lagMs = lastTime === undefined ? 0 : Math.max(0, nowMs - Date.parse(lastTime));
    this.#parts.sources.heard({ project, service: String(service) }, { nowMs, lagMs });
  }

  #script({ record, context: { project, resource } }: Row, nowMs: number): void {
    const service = String(resource['service.name'] ?? '');
    this.#parts.scripts.heard(record, { project, service, nowMs });
  }

  #error(row: Row, nowMs: number): boolean {
    const { record, context } = row;
    const { incidents, rules } = this.#parts;
    const { id, title } = fingerprintOf(row);
    const service = String(context.resource['service.name'] ?? '');
    const common = {
      project: context.project,
      title,
      time: record.time,
      count: 1,
      service,
      release: String(context.resource['service.version'] ?? ''),
      recordKind: record.kind,
      ...(record.user_hash !== undefined && { people: [record.user_hash] }),
      ...(record.trace_id !== undefined && { traceId: record.trace_id }),
    };
    const dependency = rules.isOn(context.project, 'builtin.dependency') ? dependencyOf(record) : undefined;
    const isTelling = TELLING_KINDS.has(record.kind) || textOf(record, 'exception.type') !== '';
    if (dependency === undefined && !isTelling) return false;
    const q = this.#searchOf(row, knownId(context.project, id));
    if (isTelling) this.#parts.known.count({ id: knownId(context.project, id), q });
    const asError = { ...common, rule: 'builtin.new_error', kind: 'new_error', group: id, q } as const;
    const severity = rules.severityOf(context.project, 'builtin.new_error');
    const fault = { project: context.project, traceId: record.trace_id, time: record.time, fingerprint: id };
    if (dependency === undefined) {
      incidents.failed({ ...fault, rank: RANK.error, dependency: undefined });
      return this.#newError({ ...asError, severity }, nowMs);
    }
    const isAnswered = hasAnswered(record);
    const signal: Signal = {
      ...common,
      rule: 'builtin.dependency',
      kind: 'dependency',
      group: `${service} → ${dependency.place}`,
      ...(dependency.isShared && { address: dependency.place }),
      isAnswered,
      fingerprint: id,
      cameBack: this.#lifeOf({ ...asError, severity }, id, nowMs) === 'came_back',
      severity: rules.severityOf(context.project, 'builtin.dependency'),
      title: `${service} → ${dependency.name}: ${title}`,
      q,
    };
    const rank = isAnswered ? RANK.answered : RANK.no_answer;
    incidents.failed({ ...fault, rank, dependency: signal.group });
    return this.#dependency(signal, nowMs);
  }

  #dependency(signal: Signal, nowMs: number): boolean {
    const { book } = this.#parts;
    const isOpen = (book.latest(signal)?.state ?? 'resolved') !== 'resolved';
    const ready = isOpen ? [signal] : this.#dependencies.failed(signal, nowMs);
    for (const each of ready) {
      const alert = book.raise(each, nowMs);
      // It was an error of its own as long as it was alone.
      const { project, fingerprint: group = '' } = each;
      const lonely = book.latest({ project, rule: 'builtin.new_error', group });
      if (lonely !== undefined && lonely.state !== 'resolved') lonely.partOf ??= alert.id;
    }
    return ready.length > 0;
  }

  /** One actor who deletes a lot: told while it goes on. */
  #deletion({ record, context: { project, resource } }: Row, nowMs: number): boolean {
    const { book, rules } = this.#parts;
    const deleter = deleterOf(record);
    if (deleter === undefined || !rules.isOn(project, 'builtin.bulk_deletion')) return false;
    const group = `${deleter.type} ${deleter.id}`;
    const signal: Signal = {
      project,
      rule: 'builtin.bulk_deletion',
      kind: 'bulk_deletion',
      group,
      severity: rules.severityOf(project, 'builtin.bulk_deletion'),
      ...ours({ code: 'bulk_deletion', values: [group, textOf(record, 'audit.action')] }),
      q: deletionSearch(deleter),
      time: record.time,
      count: 1,
      service: String(resource['service.name'] ?? ''),
      recordKind: record.kind,
    };
    const isOpen = (book.latest(signal)?.state ?? 'resolved') !== 'resolved';
    const count = this.#deletions.deleted(`${project}\n${group}`, { isOpen, nowMs });
    if (count > 0) book.raise({ ...signal, count }, nowMs);
    return count > 0;
  }

  /** One alert per request, from when it is asked for until it is decided. */
  #approval({ record, context: { project, resource } }: Row, nowMs: number): boolean {
    const { book, rules } = this.#parts;
    const waiting = waitingOf(record);
    if (waiting === undefined) return false;
    const { id: group, actor, isDecided, title, q, place } = waiting;
    const signal = { project, rule: APPROVAL_RULE, kind: 'approval', group } as const;
    if (isDecided) {
      const open = book.latest(signal);
      if (open !== undefined) book.resolve(open, actor, nowMs);
      return open !== undefined;
    }
    if (!rules.isOn(project, APPROVAL_RULE)) return false;
    const severity = rules.severityOf(project, APPROVAL_RULE);
    const service = String(resource['service.name'] ?? '');
    book.raise({ ...signal, severity, title, q, place, time: record.time, count: 1, service }, nowMs);
    return true;
  }

  /** Built once per error: with 10,000 of one kind, 9,999 find it there. */
  #searchOf(row: Row, id: string): string {
    const found = this.#parts.known.searchOf(id);
    if (found !== undefined) return found;
    const q = searchFor(row);
    return q === '' ? `level:error ${quoted(row.record.message.slice(0, 100))}` : q;
  }

  #newError(signal: Signal, nowMs: number): boolean {
    const { book, known, rules } = this.#parts;
    const { project, fingerprint = signal.group } = signal;
    const isNew = known.seen({ id: knownId(project, fingerprint), q: signal.q }, nowMs);
    // Also while nobody wants to be told: what is resolved comes back in the lists, too.
    const life = this.#lifeOf(signal, fingerprint, nowMs);
    if (life === 'quiet' || !rules.isOn(project, 'builtin.new_error')) return false;
    const named = { rule: 'builtin.new_error', kind: 'new_error', group: fingerprint } as const;
    const error: Signal = { ...signal, ...named, cameBack: signal.cameBack === true || life === 'came_back' };
    if (!isNew && error.cameBack !== true && book.latest(error) === undefined) return false;
    book.raise(error, nowMs);
    return true;
  }

  #lifeOf({ project, time, release = '' }: Signal, fingerprint: string, nowMs: number): Life {
    const { known, lives } = this.#parts;
    const count = known.countOf(knownId(project, fingerprint));
    return lives.seen({ project, fingerprint, time, release, count }, nowMs);
  }
}

/** `seq` and `time` begin every canonical line, so some bytes of the last one are enough. */
const LINE_START = '{"seq":';

function timeOfLastLine(block: Buffer | undefined): string | undefined {
  const at = block?.lastIndexOf(LINE_START) ?? -1;
  if (block === undefined || at < 0) return undefined;
  return /"time":"([^"]{20,40})"/.exec(block.toString('utf8', at, at + LINE_HEAD_BYTES))?.[1];
}

function errorsIn(batch: AdmittedBatch): readonly Row[] {
  return rowsIn(batch, ERROR_MARKS).filter(({ record: { level } }) => level === 'error' || level === 'fatal');
}

/** Lines are decoded only when their bytes hold one of the marks. */
function rowsIn(batch: AdmittedBatch, marks: readonly string[]): readonly Row[] {
  const { project, producer, boot, observed_time, resource, lines } = batch;
  const context = { project, producer, boot, observed_time, resource };
  const blocks = (lines ?? []).filter((block) => marks.some((mark) => block.includes(mark)));
  return blocks.flatMap((block) =>
    block
      .toString('utf8')
      .split('\n')
      .filter((line) => marks.some((mark) => line.includes(mark)))
      .map((line) => ({ record: decodeRecord(line), context })),
  );
}
