/**
 * Before the journeys are walked in their long form: a folder with five million records of the shop, which each of them gets a copy
 * of.
 *
 *   npm run soak -- journeys                          10 walks of each, 5,000,000 records of the last day
 *   npm run soak -- journeys --records N --runs N     another size
 *   npm run soak -- journeys --data DIR               DIR is kept, and used again if it is filled
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFilled, stopServer } from '../../bench/lib/filled.mjs';

export async function fillForJourneys(options) {
  const option = (name, preset) => {
    const index = options.indexOf(`--${name}`);
    return index < 0 ? preset : options[index + 1];
  };
  const kept = option('data', undefined);
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'sillok-journeys-'));
  await stopServer(await startFilled({ folder, records: Number(option('records', '5000000')) }));
  return {
    env: { SILLOK_JOURNEY_DATA: folder, SILLOK_JOURNEY_RUNS: option('runs', '10') },
    remove: () => {
      if (kept === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
