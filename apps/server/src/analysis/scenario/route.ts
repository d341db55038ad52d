/** `GET /api/scenario`: one person's or one scenario's story, in order and in sentences. */
import { ROUTES, scenarioQuery, type Episode, type ScenarioAnswer, type ScenarioStep } from '@sillok/api';
import type { Row } from '@sillok/query';
import { STORY_IDS, type StoryIds } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import type { IdentityRoom } from '../../identity/room.js';
import type { z } from 'zod';
import { ReadError } from '../../read/errors.js';
import { checked, rangeOf, type Reading } from '../../read/reading.js';
import { callerOf } from '../caller.js';
import { TRACE_NODES_MAX } from '@sillok/api';
import { textOf } from '../row-fields.js';
import { loadTraces } from '../trace/load.js';
import { foldFiles, tellStretches, tellTrace, type Told } from './episodes.js';
import { gather, type Gathered } from './gather.js';
import { namesOf, type People } from './people.js';

type Asked = z.output<typeof scenarioQuery>;

export function registerScenario(app: FastifyInstance, reading: Reading, identity: IdentityRoom): void {
  app.get(ROUTES.scenario, async (request, reply): Promise<ScenarioAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(scenarioQuery, request.query);
    const range = rangeOf(asked, Date.now());
    const people = await identity.graph(caller.project);
    const gathered = await gather(caller, idsOf(asked, people), { range, people });
    const { ids, traceIds } = gathered;
    const hashes = [...(ids.user_hash ?? []), ...(ids.session_hash ?? [])];
    await identity.views.viewed(caller, { hashes, graph: people, by: 'story', address: request.ip });
    const loaded =
      traceIds.length === 0
        ? { nodes: [], entries: [], truncated: { nodes: false, entries: false } }
        : await loadTraces(caller, { traceIds, range, nodesMax: TRACE_NODES_MAX });
    const told = tell(gathered, loaded);
    const isCut = gathered.truncated || loaded.truncated.nodes || loaded.truncated.entries;
    return {
      person: {
        user_hashes: ids.user_hash ?? [],
        session_hashes: ids.session_hash ?? [],
        global_trace_ids: ids.global_trace_id ?? [],
      },
      ...shown(told, asked, isCut),
      ...caller.trust(range),
    };
  });
}

function idsOf(asked: Asked, people: People): StoryIds {
  const names = asked.person === undefined ? undefined : namesOf(people, asked.person);
  const ids = Object.fromEntries(
    STORY_IDS.flatMap((name) => {
      const own = name === 'user_hash' || name === 'session_hash' ? (names?.[name] ?? []) : [];
      const all = [...(asked[name] ?? []), ...own];
      return all.length === 0 ? [] : [[name, all]];
    }),
  );
  if (Object.keys(ids).length === 0) {
    throw new ReadError('request_invalid', `Say whose story: person, ${STORY_IDS.join(', ')}.`);
  }
  return ids;
}

interface Records {
  readonly nodes: readonly Row[];
  readonly entries: readonly Row[];
}

function tell({ loose }: Gathered, { nodes, entries }: Records): Told[] {
  const traces = new Map<string, { nodes: Row[]; entries: Row[] }>();
  const traceOf = (id: string): { nodes: Row[]; entries: Row[] } => {
    const trace = traces.get(id) ?? { nodes: [], entries: [] };
    traces.set(id, trace);
    return trace;
  };
  for (const row of nodes) if (row.record.trace_id) traceOf(row.record.trace_id).nodes.push(row);
  for (const row of entries) if (row.record.trace_id) traceOf(row.record.trace_id).entries.push(row);
  const clicks = loose.filter((row) => textOf(row, 'event.name') === 'browser.click');
  const told = [...traces].map(([traceId, rows]) => tellTrace(traceId, rows, clicks));
  return [...foldFiles(told), ...tellStretches(loose)];
}

/** Of too many steps the newest are kept, and of those that fail all that fit. */
function shown(
  told: readonly Told[],
  { order, limit }: Asked,
  isCut: boolean,
): Pick<ScenarioAnswer, 'episodes' | 'steps' | 'truncated'> {
  const kept: Told[] = [];
  let count = 0;
  for (const each of sorted(told, order === 'oldest' ? 'newest' : order)) {
    if (count + each.steps.length > limit && kept.length > 0) continue;
    kept.push(each);
    count += each.steps.length;
  }
  const ordered = order === 'oldest' ? kept.toReversed() : kept;
  const episodes: Episode[] = ordered.map(({ episode, steps }) => ({ ...episode, steps: steps.length }));
  const steps: ScenarioStep[] = ordered
    .flatMap((each, index) => each.steps.slice(0, limit).map((step) => ({ episode: index, ...step })))
    .toSorted((left, right) => (left.time < right.time ? -1 : left.time > right.time ? 1 : 0));
  return {
    episodes,
    steps,
    truncated: isCut || count < told.reduce((sum, { steps: each }) => sum + each.length, 0),
  };
}

function sorted(told: readonly Told[], order: 'failures' | 'newest'): Told[] {
  return told.toSorted(({ episode: left }, { episode: right }) => {
    if (order === 'failures' && left.failed !== right.failed) return left.failed ? -1 : 1;
    return left.start < right.start ? 1 : left.start > right.start ? -1 : 0;
  });
}
