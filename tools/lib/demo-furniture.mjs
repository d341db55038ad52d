/** What a team made in the demo: people, keys, rules, dashboards, reports, a script that was tried, a request that waits. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const DAY_MS = 86_400_000;
const ERRORS = 'level:(error OR fatal)';

/** `hook` is where alerts and reports are told. */
export async function furnish(call, hook) {
  const { id: member } = await call('POST', '/api/users', {
    ...{ email: 'jimin@shop.example', name: '김지민' },
    password: randomBytes(12).toString('hex'),
  });
  await call('POST', '/api/invitations', { email: 'suho@shop.example', role: 'viewer' });
  await call('POST', '/api/keys', { name: 'orders service', scopes: ['ingest'] });
  await giveSecondError(call, member);
  const alert = await alerts(call, hook);
  const dashboard = await inBoth(async (language) => {
    return (await call('POST', '/api/dashboards', dashboardIn(language))).id;
  });
  const report = await inBoth(async (language) => {
    return (await call('POST', '/api/reports', { ...reportIn(language), targets: [alert.target] })).id;
  });
  await call('POST', '/api/saved', { ...SAVED, shared: true });
  const changes = await otherChanges(call);
  const run = await triedScript(call);
  const order = await orders(call);
  return { alert: await raised(call), dashboard, report, run, ...order, ...changes };
}

/** Somebody looks after it. */
async function giveSecondError(call, assignee) {
  const { groups } = await call('GET', '/api/errors?sort=count');
  const [, second] = groups;
  if (second === undefined) return;
  const { service, message, fingerprint } = second;
  const title = message.slice(0, 100);
  const members = (await call('GET', '/api/members')).members;
  const to = members.some(({ id }) => id === assignee) ? assignee : members[0].id;
  await call('PUT', `/api/errors/${fingerprint}/life`, { action: 'assign', assignee: to, service, title });
}

async function alerts(call, hook) {
  const target = { kind: 'slack_webhook', name: '#shop-ops', url: hook, language: 'ko' };
  const { id } = await call('POST', '/api/alert-targets', target);
  await call('POST', '/api/alert-rules', {
    ...{ name: 'Sign-in fails', q: 'service.name:login kind:access http.response.status_code:>=500' },
    ...{ kind: 'threshold', value: 3, window_s: 300, severity: 'critical', targets: [id] },
  });
  return { target: id };
}

async function raised(call) {
  for (;;) {
    const [first] = (await call('GET', '/api/alerts')).alerts;
    if (first !== undefined) return first.id;
    await pause(1_000);
  }
}

/** Names that people gave are in one language: each reader is shown those of a team that writes theirs. */
const NAMES = {
  en: {
    ...{
      dashboard: 'Sign-in and orders',
      requests: 'Requests',
      errors: 'Errors',
      people: 'People with errors',
    },
    ...{ overTime: 'Errors by service', slowest: 'Slow endpoints (p95)', latency: 'Durations' },
    ...{ messages: 'Frequent errors', version: 'App version', report: 'Weekly report' },
    ...{ rate: 'Sign-in errors', search: 'Search, p95' },
    ...{ refund: 'call 4711: the cup came broken', correct: 'the coupon was not applied' },
  },
  ko: {
    ...{ dashboard: '로그인과 주문', requests: '요청', errors: '오류', people: '오류를 겪은 사람' },
    ...{ overTime: '서비스별 오류', slowest: '느린 엔드포인트 (p95)', latency: '응답 시간' },
    ...{ messages: '잦은 오류', version: '앱 버전', report: '주간 보고서' },
    ...{ rate: '로그인 오류율', search: '검색 응답 시간 p95' },
    ...{ refund: '4711 상담: 컵이 깨져서 도착', correct: '쿠폰이 적용되지 않음' },
  },
};

async function inBoth(make) {
  return { en: await make('en'), ko: await make('ko') };
}

function dashboardIn(language) {
  const names = NAMES[language];
  const panel = (name, kind, more) => ({ id: name, title: names[name], kind, width: 4, ...more });
  return {
    ...{ name: names.dashboard, description: '', range: '-1h' },
    panels: [
      panel('requests', 'number', { q: 'kind:access service.name:gateway' }),
      panel('errors', 'number', { q: ERRORS }),
      panel('people', 'number', { q: `${ERRORS} | stats count_distinct(user_hash)` }),
      panel('overTime', 'time_series', { q: `${ERRORS} | stats count() by service.name`, width: 12 }),
      panel('slowest', 'top_list', {
        q: 'kind:access has:http.route | stats p95(duration_ms) as p95 by http.route | sort -p95 | limit 8',
        ...{ unit: 'ms', width: 6 },
      }),
      panel('latency', 'heatmap', { q: 'kind:access', unit: 'ms', width: 6 }),
      panel('messages', 'table', {
        q: `${ERRORS} | stats count() as n, count_distinct(user_hash) as people by service.name, message | limit 8`,
        width: 12,
      }),
    ],
    variables: [{ name: 'version', label: names.version, field: 'client.version' }],
  };
}

function reportIn(language) {
  const names = NAMES[language];
  const cards = [
    {
      title: names.requests,
      q: 'kind:access service.name:(gateway or catalog)',
      measure: 'calls',
      better: 'up',
    },
    { title: names.rate, q: 'kind:access service.name:login', measure: 'error_rate', better: 'down' },
    { title: names.search, q: 'kind:access http.route:/search', measure: 'p95', unit: 'ms', better: 'down' },
  ];
  return { name: names.report, cards, language, schedule: '0 9 * * 1', timezone: 'Asia/Seoul' };
}

const SAVED = { name: '결제가 바쁠 때', q: 'service.name:orders "payments are busy"', range: '-24h' };

/** Changes that other systems wrote into the audit trail: a company of which one person deleted much, and readings of last month. */
async function otherChanges(call) {
  const now = Date.now();
  const deletion = (index) => ({
    ...{ id: randomUUID(), action: 'product.delete', entity: { type: 'product', id: String(4_100 + index) } },
    ...{ actor: { type: 'user', id: 'park' }, customer: 'acme' },
    ...{ before: { name: `머그컵 ${index}`, stock: index }, time: new Date(now - DAY_MS + index * 1_000) },
  });
  const price = {
    ...{ id: randomUUID(), action: 'product.update', entity: { type: 'product', id: '4077' } },
    ...{ actor: { type: 'admin', id: 'choi' }, customer: 'acme', reason: '가격 오기' },
    ...{ before: { price: 12_000 }, after: { price: 21_000 }, time: new Date(now - 2 * 3_600_000) },
  };
  const nightly = {
    ...{ id: randomUUID(), action: 'product.update', entity: { type: 'product', id: '4078' } },
    ...{ actor: { type: 'system', id: 'stock-sync' }, customer: 'acme' },
    ...{ before: { stock: 14 }, after: { stock: 9 }, time: new Date(now - 3 * 3_600_000) },
  };
  await write(call, [...Array.from({ length: 24 }, (_, index) => deletion(index)), price, nightly]);
  await write(call, readings(new Date(now)));
  return { company: 'acme', product: '4077' };
}

/** A colleague by day, and another at three in the night who takes everything out. */
function readings(now) {
  const at = (day, hour, minute = 0) => new Date(now.getFullYear(), now.getMonth() - 1, day, hour, minute);
  const one = (id, more) => ({ id: randomUUID(), actor: { type: 'admin', id }, ...more });
  const read = (id, index, time) =>
    one(id, {
      ...{
        action: 'member.read',
        entity: { type: 'member', id: String(index) },
        subject: `u1_person${index}`,
      },
      ...{ time, client_address: '10.0.4.17' },
    });
  const usual = Array.from({ length: 18 }, (_, index) => read('kim', index % 6, at(3 + index, 10, index)));
  const night = Array.from({ length: 30 }, (_, index) => read('choi', index, at(14, 3, index)));
  const taken = one('choi', {
    ...{ action: 'member.export', entity: { type: 'member', id: 'all' }, time: at(14, 3, 40) },
    client_address: '10.0.9.3',
  });
  return [...usual, ...night, taken];
}

const write = (call, entries) =>
  call('POST', '/v1/audit', { service: { name: 'back-office', version: '3.2' }, entries });

/** Seen, and not applied. */
async function triedScript(call) {
  const args = { item: 'cup', percent: 10 };
  const { run } = await call('POST', '/api/admin/shop/scripts/discount-item/start', { mode: 'plan', args });
  for (;;) {
    const { state } = await call('GET', `/api/admin/shop/scripts/runs/${run}`);
    if (state !== 'running' && state !== 'checking') return run;
    await pause(500);
  }
}

/** For each language one that was refunded, one whose amount waits for a second person, and one that may be refunded. */
async function orders(call) {
  const { rows } = await call('GET', '/api/admin/shop/order');
  // The oldest of the page: new ones may not be paid yet.
  const ids = rows.toReversed().map(({ id }) => id);
  const act = (action, id, body) =>
    call('POST', `/api/admin/shop/order/actions/${action}/run`, { ...body, id, key: randomUUID() });
  const order = await inBoth(async (language) => {
    const [refunded, waiting] = ids.splice(0, 2);
    await act('refund', refunded, { input: {}, reason: NAMES[language].refund });
    await act('correct-amount', waiting, { input: { amount: 1_500 }, reason: NAMES[language].correct });
    return refunded;
  });
  return { order, refundable: ids[0] };
}
