/** `/api/replays` and the gauges of replays: what the programs that bring changes into second databases said last. */
import { ROUTES, type ReplayShape } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import type { Acts } from '../audit/acts.js';
import { notFound } from '../errors.js';
import type { GaugeValue, Metrics } from '../metrics.js';
import type { Authenticator } from '../seams.js';
import type { HeardReplay, ReplayBook } from './book.js';

export interface ReplayRoutesDeps {
  readonly auth: Authenticator;
  readonly acts: Acts;
  readonly metrics: Metrics;
  readonly replays: ReplayBook;
  readonly nowMs: () => number;
  /** Keeps what was changed. */
  nudge(): void;
}

interface ByName {
  Params: { mode: string; name: string };
}

export function registerReplays(app: FastifyInstance, deps: ReplayRoutesDeps): void {
  const { auth, acts, replays, nowMs } = deps;
  registerGauges(deps);
  app.get(ROUTES.replays, (request): { replays: readonly ReplayShape[] } => {
    const { project } = auth.authenticate(request, 'read');
    const own = replays.list().filter((each) => each.project === project);
    const shown = own.map((each) => replays.shown(each, nowMs()));
    return { replays: shown.sort((left, right) => left.name.localeCompare(right.name)) };
  });
  app.delete<ByName>(ROUTES.replay, (request) => {
    const { project, keyId: actor } = auth.authenticate(request, 'write');
    const { mode, name } = request.params;
    const found = replays.find({ project, mode, name });
    if (found === undefined) throw notFound('There is no such replay.', 'GET /api/replays lists them.');
    acts.note({
      project,
      actor,
      action: 'replay.forget',
      entity: { type: 'replay', id: name },
      arguments: { mode },
    });
    replays.forget(found);
    deps.nudge();
    return { mode, name, removed: true };
  });
}

function registerGauges({ metrics, replays, nowMs }: ReplayRoutesDeps): void {
  const each = (value: (replay: HeardReplay) => number | null) => (): GaugeValue[] =>
    replays.list().flatMap((replay) => {
      const { project, name, mode } = replay;
      const found = value(replay);
      return found === null ? [] : [{ labels: { project, replay: name, mode }, value: found }];
    });
  metrics.gauge(
    'sillok_replay_lag_milliseconds',
    'How far behind a second database is, as its replay said last',
    each(({ lagMs }) => lagMs),
  );
  metrics.gauge(
    'sillok_replay_silent_seconds',
    'Since a replay was last heard of',
    each((replay) => Math.round(replays.silentMs(replay, nowMs()) / 1000)),
  );
  metrics.gauge(
    'sillok_replay_differences',
    'Entities that differ in a second database, as the last look said',
    each(({ found, left }) => (found === null ? left : found.missing + found.stale + found.not_deleted)),
  );
}
