/**
 * Every page of the console: where its picture stands in the guides, and its address in the demo (`demo-scene.mjs`). A page of
 * `apps/console/src/routes.ts` without an entry here, or without its picture in a guide in both languages, fails `guides.test.ts`.
 */
const FAILED = 'service.name:login kind:access http.response.status_code:>=400';
const ALL = 'service.name:login kind:access http.route:(/api/join or "/login/:provider/callback")';
const STATEMENT = `SELECT \`service.name\` AS service, level, count() AS records
FROM records
WHERE time > now() - INTERVAL 1 HOUR
GROUP BY service, level
ORDER BY records DESC`;

const HOUR = { from: '-1h' };
const path = (start, values) => `${start}?${new URLSearchParams(values)}`;
/** `guide/picture`; without a guide it is the console's own. `none`: looked at, and in no guide. */
function page(route, place, address) {
  const [picture, guide = 'console'] = place.split('/').toReversed();
  return { route, picture, guide, address };
}

export const pages = [
  page('/', 'start', () => '/'),
  page('/find', 'find', () => '/find'),
  page('/search', 'search', () => path('/search', { q: 'service.name:login level:error', ...HOUR })),
  page('/live', 'live', () => '/live'),
  page('/admin', 'requests', () => '/admin'),
  page('/admin/:service/:type', 'business-list', () => '/admin/shop/order'),
  page(
    '/admin/:service/:type/:id',
    'business',
    ({ order, language }) => `/admin/shop/order/${order[language]}`,
  ),
  page('/scripts', 'scripts/scripts', () => '/scripts'),
  page('/scripts/:service/:run', 'scripts/script-run', ({ run }) => `/scripts/shop/${run}`),
  page('/errors', 'errors', () => path('/errors', HOUR)),
  page('/history', 'history', ({ order, language }) => path('/history', { q: order[language], ...HOUR })),
  page('/history', 'history-company', ({ company }) => path('/history', { customer: company, from: '-7d' })),
  page('/history/:type/:id', 'history-thing', ({ product }) => `/history/product/${product}`),
  page('/map', 'map', () => path('/map', HOUR)),
  page('/endpoints', 'endpoints', () => path('/endpoints', HOUR)),
  page('/trends', 'trends', () => '/trends'),
  page('/patterns', 'patterns', () => path('/patterns', HOUR)),
  page('/why', 'why', () => path('/why', { q: FAILED, base: ALL, ...HOUR })),
  page('/retries', 'retries', () => path('/retries', { q: 'kind:access http.route:/orders', ...HOUR })),
  page('/sql', 'sql', () => path('/sql', { query: STATEMENT })),
  page('/endpoint', 'endpoint', () =>
    path('/endpoint', { service: 'orders', route: '/orders', method: 'POST', ...HOUR }),
  ),
  page('/trace/:traceId', 'trace', ({ failing }) => `/trace/${failing.trace}`),
  page('/scenario/:globalTraceId', 'story', ({ failing }) => `/scenario/${failing.scenario}`),
  page('/scenario', 'story', ({ failing }) => path('/scenario', { trace_id: failing.trace })),
  page('/person/:userHash', 'story', ({ failing }) => `/person/${failing.person}`),
  page('/alerts', 'alerts/alerts', () => '/alerts'),
  page('/alerts', 'none/alert-rules', () => '/alerts?tab=rules'),
  page('/alerts', 'none/alert-targets', () => '/alerts?tab=targets'),
  page('/alerts/:id', 'alerts/alert', ({ alert }) => `/alerts/${alert}`),
  page(
    '/dashboards/:id',
    'reports/dashboard',
    ({ dashboard, language }) => `/dashboards/${dashboard[language]}`,
  ),
  page(
    '/dashboards/:id',
    'none/dashboard-edit',
    ({ dashboard, language }) => `/dashboards/${dashboard[language]}?edit=1`,
  ),
  page('/dashboards', 'reports/dashboard', () => '/dashboards'),
  page('/reports/:id', 'reports/report', ({ report, language }) => `/reports/${report[language]}`),
  page('/reports/:id', 'none/report-edit', ({ report, language }) => `/reports/${report[language]}?edit=1`),
  page('/reports', 'reports/report', () => '/reports'),
  page('/routing', 'debug-routing/routing', () => '/routing'),
  page('/review', 'review', () => '/review'),
  page('/people', 'people/people', () => '/people'),
  page('/people', 'none/people-keys', () => '/people?tab=keys'),
  page('/people', 'none/people-users', () => '/people?tab=users'),
  page('/people', 'none/people-projects', () => '/people?tab=projects'),
  page('/people', 'none/people-sessions', () => '/people?tab=sessions'),
  page('/people', 'none/people-history', () => '/people?tab=history'),
  page('/people', 'none/people-me', () => '/people?tab=me'),
];
