/**
 * Reading the audit trail: changes of an entity, by an actor, about a person, of a company; counted, exported, reviewed. They
 * are searches, so each answer says how fresh and complete it is.
 */
import {
  auditExportQuery,
  auditGroupsQuery,
  auditQuery,
  reviewQuery,
  reviewSignOffBody,
  ROUTES,
  type AuditGroupsAnswer,
  type AuditPage,
  type ReviewAnswer,
  type ReviewSignOff,
  type ReviewSignOffAnswer,
} from '@sillok/api';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Readable } from 'node:stream';

import { audit } from '../identity/trail.js';
import type { Person } from '../identity/person-graph.js';
import type { IdentityRoom } from '../identity/room.js';
import {
  AUDIT_EXPORT_PAGE_CHANGES,
  PERSON_ACCOUNTS_MAX,
  PERSON_SESSIONS_MAX,
  REVIEW_ACCESSES_MAX,
} from '../limits.js';
import { ReadError } from '../read/errors.js';
import {
  checked,
  projectOf,
  rangeOf,
  searchOf,
  TIME_FIRST,
  TIME_LAST,
  type Range,
  type Reading,
} from '../read/reading.js';
import { firstDayKept } from '../retention.js';
import { whileGood } from '../still-good.js';
import { readStats } from '../read/table-page.js';
import { gapsIn, sumCost } from '../read/trust.js';
import { withCauses } from './causes.js';
import { EXPORT_FILES, EXPORT_TYPES, exportText } from './export-formats.js';
import { groupsOf, groupStages } from './groups.js';
import { allHistory, readHistory } from './history.js';
import { historySearch, type HistoryFilters } from './history-search.js';
import { monthRange, Review } from './review.js';

export function registerAuditHistory(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  const parts = { reading, identity };
  registerPages(app, parts);
  registerExport(app, parts);
  registerGroups(app, parts);
  registerReview(app, reading);
}

/** As services and this server name accounts and sessions. */
const PSEUDONYM = /^[us]\d+_[\w-]{22}$/;

interface Parts {
  readonly reading: Reading;
  readonly identity: IdentityRoom;
}

type Filters = HistoryFilters & {
  readonly person?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

interface Asked {
  readonly q: string;
  /** Sessions of the person that one search has no room for. */
  readonly leftOut: number;
}

/** The search of a question, with the person under all their names. */
async function searchFor({ identity }: Parts, project: string, filters: Filters): Promise<Asked> {
  const { person } = filters;
  if (person === undefined) return { q: historySearch(filters), leftOut: 0 };
  const people = (await identity.graph(project)).peopleOf(person);
  const accounts = new Set([person, ...people.flatMap(({ userHashes }) => userHashes)]);
  const sessions = new Set([person, ...people.flatMap(ownSessions)]);
  const names = {
    accounts: [...accounts].slice(0, PERSON_ACCOUNTS_MAX),
    sessions: [...sessions].slice(0, PERSON_SESSIONS_MAX),
  };
  return { q: historySearch(filters, names), leftOut: sessions.size - names.sessions.length };
}

/** A session that others used too says nothing about this person. */
function ownSessions({ sessionHashes, sharedHashes }: Person): string[] {
  const shared = new Set(sharedHashes);
  return sessionHashes.filter((hash) => !shared.has(hash));
}

function trustOf(reading: Reading, project: string, range: Range) {
  const freshness = reading.state.freshness();
  const gaps = gapsIn(reading.state, project, {
    from: range.from ?? TIME_FIRST,
    to: range.to ?? TIME_LAST,
  });
  return { freshness, ...gaps };
}

/** An empty history of what has expired must not read as "nobody changed it". */
function keptFrom({ config }: Reading, range: Range, nowMs: number): Pick<AuditPage, 'kept_from'> {
  const day = firstDayKept(config.retention.audit.days, nowMs);
  return day !== '' && (range.from ?? TIME_FIRST) < day ? { kept_from: day } : {};
}

function registerPages(app: FastifyInstance, parts: Parts): void {
  const { reading } = parts;
  app.get(ROUTES.audit, async (request, reply): Promise<AuditPage> => {
    const principal = reading.auth.authenticate(request, 'read');
    const { project } = principal;
    const { limit, cursor, causes, ...filters } = checked(auditQuery, request.query);
    // Only a name that is a pseudonym is written down: people paste other things, too.
    if (filters.person !== undefined && PSEUDONYM.test(filters.person)) {
      const graph = await parts.identity.graph(project);
      const view = { hashes: [filters.person], graph, by: 'history', address: request.ip } as const;
      await parts.identity.views.viewed(principal, view);
    }
    const nowMs = Date.now();
    const range = rangeOf(filters, nowMs);
    const trust = trustOf(reading, project, range);
    const { q, leftOut } = await searchFor(parts, project, filters);
    const page = await readHistory(reading, {
      ...{ project, q, range, nowMs, limit, cursor, reply },
      written: filters,
    });
    const told =
      causes === true
        ? await withCauses(reading, page.changes, { project, reply })
        : { changes: page.changes, costs: [] };
    return {
      changes: told.changes,
      truncated: page.next !== null,
      next: page.next,
      ...(leftOut === 0 ? {} : { sessions_left_out: leftOut }),
      ...keptFrom(reading, range, nowMs),
      ...trust,
      cost: sumCost([...page.costs, ...told.costs]),
    };
  });
}

function registerExport(app: FastifyInstance, parts: Parts): void {
  const { reading } = parts;
  app.get(ROUTES.auditExport, async (request, reply) => {
    const project = projectOf(reading, request);
    const { format, ...filters } = checked(auditExportQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(filters, nowMs);
    const { q } = await searchFor(parts, project, filters);
    void reply.type(EXPORT_TYPES[format]);
    void reply.header('content-disposition', `attachment; filename="${EXPORT_FILES[format]}"`);
    const limit = AUDIT_EXPORT_PAGE_CHANGES;
    const all = allHistory(reading, { project, q, range, written: filters, nowMs, limit, reply });
    const pages = whileGood(all, { auth: reading.auth, request });
    // The first page before the first byte: a search that fails is an error and no broken file.
    const first = await pages.next();
    return reply.send(
      Readable.from(exportText(format, project, withFirst(first, pages)), { objectMode: false }),
    );
  });
}

async function* withFirst<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done === true) return;
  yield first.value;
  yield* rest;
}

function registerGroups(app: FastifyInstance, parts: Parts): void {
  const { reading } = parts;
  app.get(ROUTES.auditGroups, async (request, reply): Promise<AuditGroupsAnswer> => {
    const project = projectOf(reading, request);
    const { by, limit, ...filters } = checked(auditGroupsQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(filters, nowMs);
    const trust = trustOf(reading, project, range);
    const { q } = await searchFor(parts, project, filters);
    const query = searchOf(q + groupStages(by));
    const table = await readStats(reading, { query, project, range, nowMs, reply });
    const groups = groupsOf(by, table.rows);
    return {
      groups: groups.slice(0, limit),
      truncated: table.truncated || groups.length > limit,
      ...trust,
      cost: table.cost,
    };
  });
}

function registerReview(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.auditReview, async (request, reply): Promise<ReviewAnswer> => {
    const project = projectOf(reading, request);
    return review(reading, { ...checked(reviewQuery, request.query), project, reply });
  });
  app.post(ROUTES.auditReview, async (request, reply): Promise<ReviewSignOffAnswer> => {
    const principal = reading.auth.authenticate(request, 'write');
    const { month, zone, note } = checked(reviewSignOffBody, request.body);
    const { project } = principal;
    const found = await review(reading, { month, zone, project, reply });
    if (!found.is_over) {
      throw new ReadError('request_invalid', `The month ${month} is not over: it cannot be signed off yet.`);
    }
    const { accesses, people, actors } = found;
    const signed = actors
      .filter(({ signs }) => signs.length > 0)
      .map(({ type, id, signs }) => ({ type, id, signs }));
    const id = await audit(reading.admission, principal, {
      action: 'access_review.sign_off',
      outcome: 'committed',
      entity: { type: 'access_review', id: month },
      reason: note,
      arguments: { zone },
      result: { accesses, people, actors: actors.length, unusual: signed },
      address: request.ip,
    });
    return { audit_id: id };
  });
}

interface Reviewing {
  readonly month: string;
  readonly zone: string;
  readonly project: string;
  readonly reply: FastifyReply;
}

async function review(reading: Reading, { month, zone, project, reply }: Reviewing): Promise<ReviewAnswer> {
  const counting = reviewIn(zone);
  const nowMs = Date.now();
  const bounds = monthRange(month, zone);
  const range = rangeOf(bounds, nowMs);
  const trust = trustOf(reading, project, range);
  const asked = { project, nowMs, limit: AUDIT_EXPORT_PAGE_CHANGES, reply, written: bounds };
  const q = historySearch({ reads: 'only' });
  let truncated = false;
  let left = REVIEW_ACCESSES_MAX;
  for await (const changes of allHistory(reading, { ...asked, q, range })) {
    for (const change of changes) if (change.outcome !== 'intent') counting.add(change);
    left -= changes.length;
    truncated = left <= 0;
    if (truncated) break;
  }
  const signed = await readHistory(reading, {
    ...asked,
    q: historySearch({ entity: `access_review/${month}`, action: 'access_review.sign_off' }),
    range: {},
  });
  return {
    month,
    zone,
    ...bounds,
    ...counting.result(),
    truncated,
    is_over: bounds.to <= new Date(nowMs).toISOString(),
    sign_offs: signed.changes.map(signOffOf),
    ...trust,
    cost: sumCost(signed.costs),
  };
}

function signOffOf({ time, actor, reason = '', id }: AuditPage['changes'][number]): ReviewSignOff {
  return { time, by: actor.id, note: reason, audit_id: id };
}

function reviewIn(zone: string): Review {
  try {
    return new Review(zone);
  } catch (cause) {
    throw new ReadError('request_invalid', `"${zone}" is not a time zone, as Asia/Seoul is one.`, { cause });
  }
}
