/** `GET /api/others`: did it happen to others too, to how many, and since which release? */
import { othersQuery, ROUTES, type OthersAnswer } from '@sillok/api';
import {
  compileOthersPeople,
  compileOthersReleases,
  compileOthersTotal,
  compileOthersTrend,
  compileReleases,
  recordTime,
} from '@sillok/query';
import { nsToTime } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import type { IdentityRoom } from '../../identity/room.js';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf, type Caller } from '../caller.js';
import { OTHERS_PEOPLE_MAX, OTHERS_TRACES_MAX, RELEASES_MAX, TREND_STEPS } from '../limits.js';
import type { People } from '../scenario/people.js';
import { stepsFor } from './patterns.js';
import { plainSearch } from './why.js';

type Options = Parameters<typeof compileOthersTotal>[0];
type Release = OthersAnswer['releases'][number];

export function registerOthers(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  app.get(ROUTES.others, async (request, reply): Promise<OthersAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(othersQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const steps = await stepsFor(caller, { query, range, nowMs });
    const options: Options = {
      ...analysisOf(caller, nowMs),
      slice: { query, ...range },
      stepNs: steps.stepNs,
      rows: Math.max(RELEASES_MAX, TREND_STEPS + 2),
      traces: OTHERS_TRACES_MAX,
      people: OTHERS_PEOPLE_MAX,
    };
    const [graph, total, people, releases, trend] = await Promise.all([
      identity.graph(caller.project),
      caller.rows(compileOthersTotal(options)),
      caller.rows(compileOthersPeople(options)),
      caller.rows(compileOthersReleases(options)),
      caller.rows(compileOthersTrend(options)),
    ]);
    const found = releases.map(releaseOf);
    const records = Number(total[0]?.[0] ?? 0);
    const [count = 0, sessions = 0, customers = 0, ...who] = people[0] ?? [];
    return {
      records,
      people: peopleIn(graph, Number(count), who),
      sessions: Number(sessions),
      customers: Number(customers),
      first: records === 0 ? null : recordTime(String(total[0]?.[1])),
      last: records === 0 ? null : recordTime(String(total[0]?.[2])),
      releases: found,
      since_release: await sinceRelease(caller, options, found),
      trend: trend.map(([step, count, who]) => ({
        time: nsToTime(BigInt(String(step)) * steps.stepNs),
        count: Number(count),
        people: Number(who),
      })),
      ...caller.trust(range),
    };
  });
}

/** Names of one person are one person; of more names than were told, the names are counted. */
function peopleIn(graph: People, count: number, who: readonly unknown[]): number {
  const [accounts = [], visits = [], known = []] = who.map((names) => (Array.isArray(names) ? names : []));
  if (Math.max(accounts.length, visits.length) >= OTHERS_PEOPLE_MAX) return count;
  const beside = new Set(known);
  const names = [...accounts, ...visits.filter((visit) => !beside.has(visit))].map(String);
  return new Set(names.map((name) => only(graph.peopleOf(name)) ?? name)).size;
}

/** A session that several accounts used is nobody's by itself. */
function only(found: ReturnType<People['peopleOf']>): string | undefined {
  return found.length === 1 ? found[0]?.id : undefined;
}

function releaseOf([service, version, count, first]: unknown[]): Release {
  return {
    service: String(service),
    version: String(version),
    count: Number(count),
    first: recordTime(String(first)),
  };
}

/** Only when the service ran an older release in the range, and that release had none of it. */
async function sinceRelease(
  caller: Caller,
  options: Options,
  found: readonly Release[],
): Promise<OthersAnswer['since_release']> {
  const named = found.filter(({ service, version }) => service !== '' && version !== '');
  const services = [...new Set(named.map(({ service }) => service))];
  if (services.length === 0) return null;
  const all = (await caller.rows(compileReleases({ ...options, services }))).map(
    ([service, version, first]) => ({
      service: String(service),
      version: String(version),
      first: recordTime(String(first)),
    }),
  );
  for (const { service, version } of named) {
    const own = all.find((release) => release.service === service && release.version === version);
    const older = all.filter((release) => release.service === service && own && release.first < own.first);
    const isClean = older.every(
      (release) => !named.some((each) => each.service === service && each.version === release.version),
    );
    if (own !== undefined && older.length > 0 && isClean) return { service, version, first: own.first };
  }
  return null;
}
