/** All reports of the project, when each comes next, and how the last sending went. */
import type { ReactElement } from 'react';
import type { ReportBody, ReportShape } from '@sillok/api';
import { reportCalls } from '../../api/team.js';
import { useCall } from '../../api/use-call.js';
import { formatMoment } from '../../ui/format.js';
import { KeptList } from '../../ui/kept-list.js';
import { languageStore, say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';

function firstReport(): ReportBody {
  const words = say(reportWords);
  return {
    name: words.weekly,
    language: languageStore.get(),
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    cards: [
      { title: words.requests, q: 'kind:access', measure: 'calls', better: 'up' },
      { title: words.people, q: 'kind:access', measure: 'people', better: 'up' },
      { title: words.errors, q: 'kind:access', measure: 'error_rate', better: 'down' },
    ],
  };
}

export function Page(): ReactElement {
  const words = say(reportWords);
  const called = useCall('reports', async (signal) => (await reportCalls.list(signal)).reports);
  const about = ({ next_at: next, last }: ReportShape): string => {
    const coming = next === null ? words.noSchedule : words.next(formatMoment(next));
    return last === null ? coming : `${coming} · ${words.lastSent(formatMoment(last.at), last.state)}`;
  };
  const make = (): Promise<{ id: string }> => reportCalls.save(undefined, firstReport());
  return <KeptList path="/reports" {...{ words, called, make, about }} />;
}
