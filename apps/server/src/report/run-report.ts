/** A whole report at a moment: its windows, then its cards one after the other, so that it does not crowd out people. */
import type { CardAnswer, Cost, Report, ReportAnswer } from '@sillok/api';

import type { DatabaseRoom } from '../database/room.js';
import { badRequest } from '../errors.js';
import { deploysIn } from '../dashboard/deploys.js';
import { variableFilters } from '../dashboard/variables.js';
import type { Reading } from '../read/reading.js';
import { sumCost } from '../read/trust.js';
import { runCard } from './card.js';
import { DAY_MS, RELEASE_LOOK_BACK_DAYS } from './limits.js';
import { releaseWindows, rollingWindows, type Windows } from './windows.js';

export interface ReportRun {
  readonly project: string;
  readonly report: Report;
  readonly values: Readonly<Record<string, string>>;
  readonly atMs: number;
  readonly databases: DatabaseRoom;
}

export async function runReport(reading: Reading, run: ReportRun): Promise<ReportAnswer> {
  const { project, report, values, databases } = run;
  const { windows, release } = await windowsOf(reading, run);
  const filters = variableFilters(report.variables, values);
  const cards: CardAnswer[] = [];
  const costs: Cost[] = [];
  for (const card of report.cards) {
    const { answer, cost } = await runCard(reading, { project, card, windows, filters, databases });
    cards.push(answer);
    costs.push(cost);
  }
  return { name: report.name, ...windows, release, cards, cost: sumCost(costs) };
}

async function windowsOf(
  reading: Reading,
  { project, report, atMs }: ReportRun,
): Promise<{ windows: Windows; release: ReportAnswer['release'] }> {
  const { windows } = report;
  if (windows.kind === 'rolling') {
    const days = { now: windows.now_days, before: windows.before_days };
    return { windows: rollingWindows(atMs, days), release: null };
  }
  const from = new Date(atMs - RELEASE_LOOK_BACK_DAYS * DAY_MS).toISOString();
  const deploys = await deploysIn(reading, project, { from, to: new Date(atMs).toISOString() });
  const { service, version } = windows;
  const found = deploys.findLast(
    (deploy) => deploy.service === service && (version === '' || deploy.version === version),
  );
  if (found === undefined) {
    const what = version === '' ? 'no second version' : `no first record of version ${version}`;
    throw badRequest(
      'request_invalid',
      `There is ${what} of ${service} in the last ${RELEASE_LOOK_BACK_DAYS} days, so there is no before and after.`,
      'Choose another service or version, or compare the last days with those before.',
    );
  }
  return {
    windows: releaseWindows(atMs, Date.parse(found.time), windows.before_days),
    release: { service, version: found.version },
  };
}
