/** What a new dashboard begins with: panels that say something in every project. */
import type { DashboardBody } from '@sillok/api';
import { say } from '../../words/dictionary.js';
import { dashboardWords } from '../../words/dashboards.js';

const ERRORS = 'level:(error OR fatal)';

export function firstDashboard(): DashboardBody {
  const words = say(dashboardWords);
  return {
    name: words.newOne,
    range: '-24h',
    panels: [
      { id: 'requests', title: words.requests, kind: 'number', q: 'kind:access', width: 4 },
      { id: 'errors', title: words.errors, kind: 'number', q: ERRORS, width: 4 },
      {
        id: 'people',
        title: words.peopleWithErrors,
        kind: 'number',
        q: `${ERRORS} | stats count_distinct(user_hash)`,
        width: 4,
      },
      {
        id: 'over-time',
        title: words.errorsByService,
        kind: 'time_series',
        q: `${ERRORS} | stats count() by service.name`,
        width: 12,
      },
      {
        id: 'slowest',
        title: words.slowest,
        kind: 'top_list',
        q: 'kind:access | stats p95(duration_ms) as p95 by http.route | sort -p95 | limit 10',
        unit: 'ms',
        width: 6,
      },
      { id: 'latency', title: words.latency, kind: 'heatmap', q: 'kind:access', width: 6 },
      {
        id: 'messages',
        title: words.frequent,
        kind: 'table',
        q: `${ERRORS} | stats count() as n, count_distinct(user_hash) as people by service.name, message | limit 20`,
        width: 12,
      },
    ],
    variables: [{ name: 'customer', label: words.customer, field: 'customer.id' }],
  };
}
