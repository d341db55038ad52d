/** Reports over HTTP: keeping them, looking at them at any moment, sending them now. */
import { randomUUID } from 'node:crypto';

import { reportBody, reportRunBody, ROUTES, type Report, type ReportShape } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import type { Acts } from '../audit/acts.js';
import { DeliveryError, notTold } from '../alert/errors.js';
import { mayKeep } from '../database/kept.js';
import type { DatabaseRoom } from '../database/room.js';
import { badRequest, notFound } from '../errors.js';
import { checked, hasPipes, momentOf, searchOf, type Reading } from '../read/reading.js';
import type { Authenticator, Principal } from '../seams.js';
import type { Shelf, Shelved } from '../settings/objects.js';
import { runReport } from './run-report.js';
import { checkSchedule, nextAfter } from './schedule.js';
import type { ReportSender, Sending } from './sender.js';

interface ById {
  Params: { id: string };
}

export interface ReportDeps {
  readonly shelf: Shelf<Report>;
  readonly sender: ReportSender;
  readonly acts: Acts;
  readonly reading: Reading;
  readonly auth: Authenticator;
  readonly nameOf: (actor: string) => string;
  readonly databases: DatabaseRoom;
}

export function registerReports(app: FastifyInstance, deps: ReportDeps): void {
  const { auth, shelf, sender, acts } = deps;
  const find = (project: string, id: string): Shelved<Report> => {
    const report = shelf.get(project, id);
    if (report === undefined) throw notFound('There is no such report.');
    return report;
  };
  app.get(ROUTES.reports, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { reports: shelf.list(project).map((report) => shownReport(deps, report)) };
  });
  app.post(ROUTES.reports, (request, reply) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const value = checkedReport(deps, principal, request.body);
    const told = { message: `report "${value.name}" created`, actor: keyId };
    return reply.code(201).send(shownReport(deps, shelf.put({ project, id: randomUUID() }, value, told)));
  });
  app.put<ById>(ROUTES.report, (request) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const known = find(project, request.params.id);
    const value = checkedReport(deps, principal, request.body);
    const told = { message: `report "${value.name}" changed`, actor: keyId };
    return shownReport(deps, shelf.put(known, value, told));
  });
  app.delete<ById>(ROUTES.report, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id, value } = find(project, request.params.id);
    shelf.remove({ project, id }, { message: `report "${value.name}" removed`, actor: keyId });
    return { id, removed: true };
  });
  app.post<ById>(ROUTES.reportSend, async (request) => {
    const { project, keyId: actor } = auth.authenticate(request, 'write');
    const report = find(project, request.params.id);
    if (report.value.targets.length === 0)
      throw badRequest('request_invalid', 'The report has no target.', 'Choose one and save it first.');
    const { name, targets } = report.value;
    const entity = { type: 'report', id: report.id };
    acts.note({ project, actor, action: 'report.send', entity, arguments: { name, targets } });
    await sender.sendNow(report).catch((error: unknown) => {
      throw error instanceof DeliveryError ? notTold(error) : error;
    });
    return { sent: true };
  });
  registerRuns(app, deps, find);
}

function registerRuns(
  app: FastifyInstance,
  deps: ReportDeps,
  find: (project: string, id: string) => Shelved<Report>,
): void {
  const { auth, reading, databases } = deps;
  /** One that is kept, at a moment and with other values. */
  app.post<ById>(ROUTES.reportRun, (request) => {
    const { project } = auth.authenticate(request, 'read');
    const { value: report } = find(project, request.params.id);
    const { values, at } = checked(reportRunBody, request.body ?? {});
    const run = { project, report, values: { ...report.values, ...values }, atMs: msOf(at), databases };
    return runReport(reading, run);
  });
  /** One that is being written. */
  app.post(ROUTES.reportPreview, (request) => {
    const principal = auth.authenticate(request, 'read');
    const { project } = principal;
    const { report: given, at } = checked(reportRunBody, request.body);
    const report = checkedReport(deps, principal, given);
    return runReport(reading, { project, report, values: report.values, atMs: msOf(at), databases });
  });
}

function msOf(at: string): number {
  return Date.parse(momentOf('at', at, Date.now()) ?? '');
}

function checkedReport({ databases }: ReportDeps, principal: Principal, body: unknown): Report {
  const report = checked(reportBody, body);
  checkSchedule(report);
  mayKeep(
    databases,
    principal,
    report.cards.map(({ database }) => database),
  );
  for (const { q, field } of report.cards.filter(({ database }) => database === '')) {
    if (hasPipes(searchOf(q)))
      throw badRequest(
        'request_invalid',
        'A card takes a search without pipes.',
        'Leave out what follows "|".',
      );
    searchOf(`| stats avg(${field})`);
  }
  return report;
}

function shownReport({ sender, nameOf }: ReportDeps, report: Shelved<Report>): ReportShape {
  const { id, value, created_by, updated_at } = report;
  const nextMs = nextAfter(value, Date.now());
  const last = sender.lastOf(report);
  return {
    ...value,
    id,
    created_by: nameOf(created_by),
    updated_at,
    next_at: nextMs === undefined ? null : new Date(nextMs).toISOString(),
    last: last === undefined ? null : shownSending(last),
  };
}

function shownSending({ atMs, sentMs, state, error }: Sending): NonNullable<ReportShape['last']> {
  return {
    at: new Date(atMs).toISOString(),
    sent_at: sentMs === undefined ? null : new Date(sentMs).toISOString(),
    state,
    error: error ?? null,
  };
}
