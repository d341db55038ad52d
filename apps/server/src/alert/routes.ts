/** The HTTP side of alerts: what happened, what people do about it, rules with their preview, targets. */
import { randomUUID } from 'node:crypto';

import {
  alertRuleBody,
  alertsQuery,
  alertTargetBody,
  builtInRuleBody,
  muteBody,
  previewBody,
  ROUTES,
  type AlertRule,
  type AlertRuleShape,
  type AlertShape,
  type AlertTarget,
} from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import type { Act, Acts } from '../audit/acts.js';
import { mayKeep } from '../database/kept.js';
import { statementRefused } from '../database/errors.js';
import type { DatabaseRoom } from '../database/room.js';
import { bindStatement } from '../database/statement.js';
import { badRequest, notFound } from '../errors.js';
import { fromStore } from '../read/errors.js';
import { checked, hasPipes, rangeOf as readRange, searchOf, TIME_FIRST, TIME_LAST } from '../read/reading.js';
import type { Authenticator, Principal } from '../seams.js';
import { withoutSecrets } from '../settings/history.js';
import type { Shelved } from '../settings/objects.js';
import type { Alerts } from './alerts.js';
import type { Alert, Delivery } from './book.js';
import { previewDatabase } from './database-preview.js';
import { DeliveryError, notTold } from './errors.js';
import { lengths, rangeOf } from './message.js';
import { preview } from './preview.js';
import { BUILT_IN_RULES } from './rules.js';
import { bothLanguages, titleIn } from './titles.js';
import { messageWords } from './words.js';

interface ById {
  Params: { id: string };
}

export interface AlertRoutesDeps {
  readonly alerts: Alerts;
  readonly acts: Acts;
  readonly auth: Authenticator;
  readonly nameOf: (actor: string) => string;
  readonly baseUrl: () => string;
  readonly databases: DatabaseRoom;
}

export function registerAlerts(app: FastifyInstance, deps: AlertRoutesDeps): void {
  registerBook(app, deps);
  registerRules(app, deps);
  registerTargets(app, deps);
}

function registerBook(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const { alerts, acts, auth } = deps;
  const find = (project: string, id: string): Alert => {
    const alert = alerts.book.find(project, id);
    if (alert === undefined) throw notFound('There is no such alert.');
    return alert;
  };
  app.get(ROUTES.alerts, (request) => {
    const { project } = auth.authenticate(request, 'read');
    const { state, limit } = checked(alertsQuery, request.query);
    const own = alerts.book.list().filter((alert) => alert.project === project);
    const wanted = own.filter(
      (alert) => state === 'all' || (state === 'resolved') === (alert.state === 'resolved'),
    );
    const newest = wanted.sort((left, right) => right.lastMs - left.lastMs).slice(0, limit);
    return { alerts: newest.map((alert) => shownAlert(deps, alert)) };
  });
  app.get<ById>(ROUTES.alert, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return shownAlert(deps, find(project, request.params.id));
  });
  const done: Readonly<Record<string, readonly [string, (alert: Alert, by: string) => void]>> = {
    [ROUTES.alertAcknowledge]: [
      'alert.acknowledge',
      (alert, by) => alerts.book.acknowledge(alert, by, Date.now()),
    ],
    [ROUTES.alertResolve]: ['alert.resolve', (alert, by) => alerts.book.resolve(alert, by, Date.now())],
  };
  for (const [path, [action, act]] of Object.entries(done)) {
    app.post<ById>(path, (request) => {
      const { project, keyId } = auth.authenticate(request, 'write');
      const alert = find(project, request.params.id);
      acts.note({ ...actOn(alert, keyId), action });
      act(alert, keyId);
      alerts.nudge();
      return shownAlert(deps, alert);
    });
  }
  app.post<ById>(ROUTES.alertMute, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { minutes } = checked(muteBody, request.body);
    const alert = find(project, request.params.id);
    const nowMs = Date.now();
    acts.note({ ...actOn(alert, keyId), action: 'alert.mute', arguments: { minutes } });
    alerts.book.mute(alert, keyId, { nowMs, untilMs: nowMs + minutes * 60_000 });
    alerts.nudge();
    return shownAlert(deps, alert);
  });
}

/** In the audit log before it is done. What an alert is at any moment is derived, so there is nothing to settle after a kill. */
function actOn({ project, id, title }: Alert, actor: string): Omit<Act, 'action'> {
  return { project, actor, entity: { type: 'alert', id }, arguments: { title } };
}

function shownAlert({ alerts, nameOf }: AlertRoutesDeps, alert: Alert): AlertShape {
  const { unnoticedMs, lastedMs } = lengths(alert);
  const iso = (ms: number | undefined): string | null =>
    ms === undefined ? null : new Date(ms).toISOString();
  const targets = new Map(alerts.targets.shelf.list(alert.project).map(({ id, value }) => [id, value.name]));
  return {
    id: alert.id,
    rule: alert.rule,
    rule_name: alerts.rules.nameOf(alert.project, alert.rule),
    kind: alert.kind,
    severity: alert.severity,
    state: alert.state,
    title: alert.title,
    titles: bothLanguages((language) => titleIn(language, alert)),
    q: alert.q,
    database: alert.database ?? '',
    place: alert.place ?? null,
    ...rangeOf(alert),
    first_time: alert.firstTime,
    last_time: alert.lastTime,
    count: alert.count,
    people: alert.people.size === 0 ? null : alert.people.size,
    people_at_least: alert.peopleAtLeast,
    services: alert.services,
    releases: alert.releases,
    trace_id: alert.traceId ?? null,
    came_back: alert.cameBack,
    part_of: alert.partOf ?? null,
    acknowledged_at: iso(alert.acknowledgedMs),
    acknowledged_by: alert.acknowledgedBy === undefined ? null : nameOf(alert.acknowledgedBy),
    muted_until: iso(alert.mutedUntilMs),
    resolved_at: iso(alert.resolvedMs),
    unnoticed_ms: unnoticedMs,
    lasted_ms: lastedMs,
    deliveries: Object.entries(alert.deliveries).map(([id, delivery]) => ({
      target: targets.get(id) ?? 'a removed target',
      state: deliveryState(delivery),
      error: delivery.error ?? null,
    })),
    events: alert.events.map(({ time, what, by }) => ({
      time,
      what,
      by: by === undefined ? null : what.startsWith('told_') ? by : nameOf(by),
    })),
  };
}

function deliveryState({
  givenUp,
  attempts,
  sentState,
}: Delivery): AlertShape['deliveries'][number]['state'] {
  if (givenUp === true) return 'given_up';
  if (attempts > 0) return 'failing';
  return sentState === undefined ? 'waiting' : 'sent';
}

function registerRules(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const { alerts, auth } = deps;
  const { shelf } = alerts.rules;
  app.get(ROUTES.alertRules, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { rules: shownRules(deps, project) };
  });
  app.post(ROUTES.alertRules, (request, reply) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const rule = checkedRule(deps, principal, request.body);
    const told = { message: `alert rule "${rule.name}" created`, actor: keyId };
    const { id } = shelf.put({ project, id: randomUUID() }, { rule }, told);
    return reply.code(201).send(shownRules(deps, project).find((each) => each.id === id));
  });
  app.put<ById>(ROUTES.alertRule, (request) => {
    const principal = auth.authenticate(request, 'write');
    const { project, keyId } = principal;
    const { id } = request.params;
    const builtIn = BUILT_IN_RULES.find((each) => each.id === id);
    const known = shelf.get(project, id);
    if (builtIn === undefined && known === undefined) throw notFound('There is no such rule.');
    const muted = known?.value.muted_until === undefined ? {} : { muted_until: known.value.muted_until };
    const value =
      builtIn === undefined
        ? { rule: checkedRule(deps, principal, request.body), ...muted }
        : { built_in: checked(builtInRuleBody, request.body), ...muted };
    const name = builtIn?.name ?? ('rule' in value ? value.rule.name : '');
    shelf.put({ project, id }, value, { message: `alert rule "${name}" changed`, actor: keyId });
    return shownRules(deps, project).find((each) => each.id === id);
  });
  app.delete<ById>(ROUTES.alertRule, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id } = request.params;
    const name = alerts.rules.nameOf(project, id);
    if (!shelf.remove({ project, id }, { message: `alert rule "${name}" removed`, actor: keyId }))
      throw notFound('There is no such rule, or it is built in and unchanged: switch it off instead.');
    alerts.evaluating.patterns.forget(`${project}\n${id}`);
    return { id, removed: true };
  });
  registerRuleMute(app, deps);
  app.post(ROUTES.alertPreview, async (request) => {
    const principal = auth.authenticate(request, 'read');
    const { project } = principal;
    const asked = checked(previewBody, request.body);
    const rule = checkedRule(deps, principal, asked.rule);
    const { from = TIME_FIRST, to = TIME_LAST } = readRange(asked, Date.now());
    if (rule.database !== '') return previewDatabase(deps.databases, principal, { project, rule, from, to });
    return preview(alerts.evaluating, { project, rule, from, to }).catch((error: unknown) =>
      Promise.reject(fromStore(error)),
    );
  });
}

function registerRuleMute(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const { alerts, auth } = deps;
  const { shelf } = alerts.rules;
  app.post<ById>(ROUTES.alertRuleMute, (request) => {
    const { project, keyId } = auth.authenticate(request, 'write');
    const { id } = request.params;
    const { minutes } = checked(muteBody, request.body);
    const builtIn = BUILT_IN_RULES.find((each) => each.id === id);
    const known = shelf.get(project, id)?.value;
    if (known === undefined && builtIn === undefined) throw notFound('There is no such rule.');
    const { severity = 'warning' } = builtIn ?? {};
    const base = known ?? { built_in: builtInRuleBody.parse({ severity }) };
    const muted_until = new Date(Date.now() + minutes * 60_000).toISOString();
    const told = { message: `alert rule muted for ${minutes} minutes`, actor: keyId };
    shelf.put({ project, id }, { ...base, muted_until }, told);
    alerts.nudge();
    return shownRules(deps, project).find((each) => each.id === id);
  });
}

/** With its search read, so that a rule that could never be evaluated is not saved. */
function checkedRule({ databases }: AlertRoutesDeps, principal: Principal, body: unknown): AlertRule {
  const rule = checked(alertRuleBody, body);
  if (rule.database !== '') return checkedDatabaseRule(databases, principal, rule);
  if (hasPipes(searchOf(rule.q)))
    throw badRequest(
      'request_invalid',
      'A rule takes a search without pipes.',
      'Leave out what follows "|".',
    );
  if (rule.by !== '') searchOf(`| stats count() by ${rule.by}`);
  return rule;
}

/** Whoever keeps a rule over a database must be allowed to ask it: everybody who is told sees its number. */
function checkedDatabaseRule(databases: DatabaseRoom, principal: Principal, rule: AlertRule): AlertRule {
  mayKeep(databases, principal, [rule.database]);
  if (rule.kind !== 'threshold' && rule.kind !== 'absence')
    throw badRequest(
      'request_invalid',
      `A rule over a database compares one number: it is "threshold" or "absence", not "${rule.kind}".`,
      'threshold: the number is at least "value"; absence: it is less.',
    );
  const { dialect } = databases.mustFind(principal, rule.database);
  const binding = bindStatement(dialect, { query: rule.q, params: { from: '', to: '' } });
  if (!binding.ok) throw statementRefused(binding.reason);
  return rule;
}

function shownRules({ alerts }: AlertRoutesDeps, project: string): AlertRuleShape[] {
  const { rules, evaluator } = alerts;
  const builtIn = BUILT_IN_RULES.map(({ id, kind, name }): AlertRuleShape => ({
    id,
    built_in: true,
    name,
    kind,
    rule: null,
    severity: rules.severityOf(project, id),
    enabled: rules.isOn(project, id),
    targets: rules.targetsOf(project, id),
    muted_until: rules.shelf.get(project, id)?.value.muted_until ?? null,
    status: { evaluated_at: null, error: null, errors: null },
  }));
  const made = rules.shelf.list(project).flatMap(({ id, value }): AlertRuleShape[] => {
    if (!('rule' in value)) return [];
    const { rule } = value;
    const status = evaluator.statusOf(project, id);
    const evaluated_at =
      status?.evaluatedMs === undefined ? null : new Date(status.evaluatedMs).toISOString();
    return [
      {
        id,
        built_in: false,
        name: rule.name,
        kind: rule.kind,
        rule,
        severity: rule.severity,
        enabled: rule.enabled,
        targets: rule.targets,
        muted_until: value.muted_until ?? null,
        status: { evaluated_at, error: status?.error ?? null, errors: status?.errors ?? null },
      },
    ];
  });
  return [...builtIn, ...made];
}

function registerTargets(app: FastifyInstance, deps: AlertRoutesDeps): void {
  const { alerts, acts, auth } = deps;
  const { shelf } = alerts.targets;
  const find = (project: string, id: string): Shelved<AlertTarget> => {
    const target = shelf.get(project, id);
    if (target === undefined) throw notFound('There is no such target.');
    return target;
  };
  app.get(ROUTES.alertTargets, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { targets: shelf.list(project).map(shownTarget) };
  });
  app.post(ROUTES.alertTargets, (request, reply) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const target = checked(alertTargetBody, request.body);
    const told = { message: `target "${target.name}" created`, actor: keyId };
    return reply.code(201).send(shownTarget(shelf.put({ project, id: randomUUID() }, target, told)));
  });
  app.put<ById>(ROUTES.alertTarget, (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const known = find(project, request.params.id);
    const body = request.body instanceof Object ? request.body : {};
    // Addresses and tokens are never shown, so what is sent without them means the ones that are kept.
    const target = checked(alertTargetBody, { ...known.value, ...body });
    const told = { message: `target "${target.name}" changed`, actor: keyId };
    return shownTarget(shelf.put(known, target, told));
  });
  app.delete<ById>(ROUTES.alertTarget, (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const { id, value } = find(project, request.params.id);
    shelf.remove({ project, id }, { message: `target "${value.name}" removed`, actor: keyId });
    return { id, removed: true };
  });
  app.post<ById>(ROUTES.alertTargetTest, async (request) => {
    const { project, keyId: actor } = auth.authenticate(request, 'admin');
    const { id, value } = find(project, request.params.id);
    const entity = { type: 'alert_target', id };
    acts.note({ project, actor, action: 'alert_target.test', entity, arguments: { name: value.name } });
    const words = messageWords(value.language);
    const message = {
      headline: 'Sillok',
      title: words.testTitle,
      facts: [],
      link: deps.baseUrl(),
      linkText: words.open,
      mark: '🔔',
    };
    try {
      await alerts.targets.tell(value, { message, id: `test.${randomUUID()}`, ref: undefined });
    } catch (error) {
      if (error instanceof DeliveryError) throw notTold(error);
      throw error;
    }
    return { told: true };
  });
}

/** Neither the address of a webhook, which is a secret, nor a token. */
function shownTarget({ id, value }: Shelved<AlertTarget>): object {
  return { id, ...Object(withoutSecrets(value)) };
}
