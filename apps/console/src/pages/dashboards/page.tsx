/** All dashboards of the project. */
import type { ReactElement } from 'react';
import type { DashboardShape } from '@sillok/api';
import { dashboardCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { formatMoment } from '../../ui/format.js';
import { KeptList } from '../../ui/kept-list.js';
import { shown } from '../../text.js';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';
import { firstDashboard } from './first.js';

export function Page(): ReactElement {
  const words = say(dashboardWords);
  const called = useCall('dashboards', async (signal) => (await dashboardCalls.list(signal)).dashboards);
  const about = ({ panels, updated_by: by, updated_at: at }: DashboardShape): string =>
    `${words.panels} ${panels.length} · ${shown(by)} · ${formatMoment(at)}`;
  const make = (): Promise<DashboardShape> => dashboardCalls.save(undefined, firstDashboard());
  return <KeptList path="/dashboards" {...{ words, called, make, about }} />;
}
