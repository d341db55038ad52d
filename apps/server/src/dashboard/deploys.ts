/** Deploys, seen from the records: the first record of a version that its service did not have before. */
import type { DeployShape } from '@sillok/api';
import { compileStats } from '@sillok/query';
import { nsToTime, parseTime, timeToNs } from '@sillok/record';

import { runSearch, searchOf, type Range, type Reading } from '../read/reading.js';
import { DEPLOY_LOOK_BACK_MS, DEPLOYS_MAX, ROWS_MAX } from './limits.js';

const VERSIONS = 'has:service.version | stats min(time) as first by service.name, service.version';

export async function deploysIn(
  reading: Reading,
  project: string,
  range: Required<Range>,
): Promise<DeployShape[]> {
  const [from, to] = [parseTime(range.from) ?? range.from, parseTime(range.to) ?? range.to];
  const since = nsToTime(timeToNs(from) - BigInt(DEPLOY_LOOK_BACK_MS) * 1_000_000n);
  const statement = compileStats(searchOf(VERSIONS), {
    project,
    from: since,
    to,
    table: reading.store().table,
    limit: ROWS_MAX,
  });
  if (statement === undefined) return [];
  const { rows } = await runSearch(reading, statement, { project });
  const versions = rows
    .map(([service, version, time]) => ({
      service: String(service),
      version: String(version),
      time: String(time),
    }))
    .sort((left, right) => (left.time < right.time ? -1 : 1));
  const seen = new Set<string>();
  const deploys = versions.filter(({ service, time }) => {
    // The first version that is seen of a service says nothing: it was perhaps there before.
    const isNew = seen.has(service);
    seen.add(service);
    return isNew && time >= from;
  });
  return deploys.slice(-DEPLOYS_MAX);
}
