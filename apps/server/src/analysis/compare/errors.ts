/** `GET /api/errors`: errors by fingerprint, with whom they met, since when and in which releases. */
import { errorsQuery, ROUTES, type ErrorGroup, type ErrorLife, type ErrorsAnswer } from '@sillok/api';
import { compileErrors, recordTime, writeFieldName, writeValue } from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import {
  FINGERPRINT_FRAMES,
  ROUGH_CHARS_MAX,
  ROUGH_ROWS_MAX,
  STACK_CHARS_MAX,
  STACK_LINES_MAX,
} from '../limits.js';
import { referenceOf } from '../references.js';
import { distinctOf, unite, type Distinct } from './distinct.js';
import { fingerprintOf, framesOf } from './fingerprint.js';
import { stepsFor } from './patterns.js';
import { pairsOf, trendOf } from './steps.js';
import { searchOfTemplate, wordsOf } from './templates.js';
import { plainSearch } from './why.js';

type Group = Omit<ErrorGroup, 'life' | 'links'>;
type GroupWithLife = Omit<ErrorGroup, 'links'>;

/** What people decided about a group, and where other systems show its trace. */
export interface ErrorsDeps {
  readonly reading: Reading;
  readonly lifeOf: (project: string, group: Group, nowMs: number) => ErrorLife;
  /** Whether the asker is the one whom the error was given to. */
  readonly isMine: (keyId: string, life: ErrorLife) => boolean;
  readonly withLinks: (caller: Caller, groups: readonly GroupWithLife[]) => Promise<readonly ErrorGroup[]>;
}

export function registerErrors(app: FastifyInstance, deps: ErrorsDeps): void {
  const { reading, lifeOf, isMine, withLinks } = deps;
  app.get(ROUTES.errors, async (request, reply): Promise<ErrorsAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(errorsQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const steps = await stepsFor(caller, { query, range, nowMs });
    const rows = await caller.rows(
      compileErrors({
        ...analysisOf(caller, nowMs),
        slice: { query, ...range },
        trendFromNs: steps.fromNs,
        stepNs: steps.stepNs,
        rows: ROUGH_ROWS_MAX,
        textChars: ROUGH_CHARS_MAX,
        stackLines: STACK_LINES_MAX,
        stackChars: STACK_CHARS_MAX,
      }),
    );
    const all = merge(rows.map((row) => groupOf(row, steps.count))).map((group) => ({
      ...group,
      life: lifeOf(caller.project, group, nowMs),
    }));
    const isOf = {
      all: () => true,
      open: ({ life }: GroupWithLife) => life.state === 'open',
      resolved: ({ life }: GroupWithLife) => life.state === 'resolved',
      ignored: ({ life }: GroupWithLife) => life.state === 'ignored',
      mine: ({ life }: GroupWithLife) => life.state === 'open' && isMine(caller.keyId, life),
    };
    const groups = all.filter(isOf[asked.state]);
    return {
      groups: await withLinks(caller, groups.toSorted(ORDERS[asked.sort]).slice(0, asked.limit)),
      states: {
        open: all.filter(isOf.open).length,
        resolved: all.filter(isOf.resolved).length,
        ignored: all.filter(isOf.ignored).length,
        mine: all.filter(isOf.mine).length,
      },
      records: groups.reduce((sum, { count }) => sum + count, 0),
      step_ms: Number(steps.stepNs) / 1e6,
      truncated: rows.length >= ROUGH_ROWS_MAX || groups.length > asked.limit,
      ...caller.trust(range),
    };
  });
}

type Order = (left: Group, right: Group) => number;

const byText = (left: string, right: string): number => (left < right ? 1 : left > right ? -1 : 0);
const ORDERS: Readonly<Record<'last' | 'first' | 'count' | 'people', Order>> = {
  last: (left, right) => byText(left.last, right.last) || right.count - left.count,
  first: (left, right) => byText(left.first, right.first) || right.count - left.count,
  count: (left, right) => right.count - left.count || byText(left.last, right.last),
  people: (left, right) => right.people - left.people || right.count - left.count,
};

/** A group whose people, customers and sessions can be counted together with those of others. */
interface RoughGroup extends Omit<Group, Counted> {
  readonly people: Distinct;
  readonly customers: Distinct;
  readonly sessions: Distinct;
}

type Counted = 'people' | 'customers' | 'sessions';

function groupOf(row: unknown[], steps: number): RoughGroup {
  const [service, type, , , message, stack, reference, traceId, count, ...others] = row;
  const [people, peopleHashes, customers, customerHashes, sessions, sessionHashes, ...rest] = others;
  const [first, last, versions, firsts, routes, trend] = rest;
  const fault = {
    service: String(service),
    type: String(type),
    stack: String(stack),
    message: String(message),
  };
  const frames = framesOf(fault.stack);
  const ours = frames.filter(({ isOurs }) => isOurs);
  const template = wordsOf(fault.message.split('\n')[0] ?? '').join(' ');
  const firstOf = new Map(pairsOf(firsts).map(([version, ns]) => [version, nsToTime(BigInt(ns))]));
  return {
    fingerprint: fingerprintOf(fault),
    service: fault.service,
    type: fault.type,
    template,
    message: fault.message,
    frames: (ours.length > 0 ? ours : frames).slice(0, FINGERPRINT_FRAMES).map(({ text }) => text),
    count: Number(count),
    people: distinctOf(people, peopleHashes),
    customers: distinctOf(customers, customerHashes),
    sessions: distinctOf(sessions, sessionHashes),
    first: recordTime(String(first)),
    last: recordTime(String(last)),
    releases: pairsOf(versions)
      .map(([version, found]) => ({ version, count: found, first: firstOf.get(version) ?? '' }))
      .toSorted((left, right) => byText(right.first, left.first)),
    routes: Array.isArray(routes) ? routes.map(String) : [],
    trend: trendOf(trend, steps),
    example: referenceOf(reference),
    trace_id: String(traceId),
    search: searchFor(fault, template),
  };
}

function searchFor(
  { service, type, stack }: { service: string; type: string; stack: string },
  template: string,
): string {
  const terms = service === '' ? [] : [`service.name:${writeValue(service)}`];
  const field = stack === '' ? 'error.type' : 'exception.type';
  if (type !== '') terms.push(`${writeFieldName(field)}:${writeValue(type)}`);
  else terms.push('level:>=error');
  if (stack === '') terms.push(searchOfTemplate(template));
  return terms.filter(Boolean).join(' ');
}

/** Rough groups of one fingerprint are one group, and whoever met several of them is one person. */
function merge(groups: readonly RoughGroup[]): Group[] {
  const merged = new Map<string, RoughGroup>();
  for (const group of groups) {
    const other = merged.get(group.fingerprint);
    merged.set(group.fingerprint, other === undefined ? group : join(other, group));
  }
  return [...merged.values()].map(({ people, customers, sessions, ...group }) => ({
    ...group,
    people: people.count,
    customers: customers.count,
    sessions: sessions.count,
  }));
}

function join(left: RoughGroup, right: RoughGroup): RoughGroup {
  const newer = left.last >= right.last ? left : right;
  const versions = new Map(left.releases.map((release) => [release.version, release]));
  for (const release of right.releases) {
    const other = versions.get(release.version);
    const first = other === undefined || release.first < other.first ? release.first : other.first;
    versions.set(release.version, { ...release, first, count: release.count + (other?.count ?? 0) });
  }
  return {
    ...newer,
    count: left.count + right.count,
    people: unite(left.people, right.people),
    customers: unite(left.customers, right.customers),
    sessions: unite(left.sessions, right.sessions),
    first: left.first < right.first ? left.first : right.first,
    releases: [...versions.values()].toSorted((one, two) => byText(two.first, one.first)),
    routes: [...new Set([...left.routes, ...right.routes])],
    trend: left.trend.map((found, index) => found + (right.trend[index] ?? 0)),
  };
}
