/**
 * Realistic canonical lines of about 600 bytes: a shop of five services. Deterministic for a seed.
 *
 * A request is a trace of 4 to 12 records over two or three services; a session has some ten requests, a user some
 * sessions. A third of the messages is Korean. Ids are random hex, as in life: they are the part that cannot be
 * compressed.
 */

const SERVICES = [
  ['gateway', ['/api/orders', '/api/orders/:id', '/api/cart', '/api/login', '/api/products/:id', '/health']],
  ['orders', ['/orders', '/orders/:id', '/orders/:id/cancel']],
  ['payments', ['/payments', '/payments/:id/refund']],
  ['catalog', ['/products', '/products/:id', '/search']],
  ['users', ['/login', '/users/:id', '/users/:id/address']],
];
const HOSTS = ['ip-10-0-1-17', 'ip-10-0-1-33', 'ip-10-0-2-8'];
const AGENTS = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile',
  'okhttp/4.12.0',
];
const MESSAGES = [
  (r) => `order ${r.int(1e6)} placed by member ${r.int(2e5)} with ${1 + r.int(5)} items`,
  (r) =>
    `payment authorized amount=${r.int(3e5)} method=${r.pick(['card', 'kakaopay', 'naverpay', 'transfer'])}`,
  (r) => `주문 ${r.int(1e6)}번 결제가 완료되었습니다`,
  (r) => `회원 ${r.int(2e5)} 로그인에 성공했습니다`,
  (r) => `재고 확인 요청: 상품 ${r.int(5e4)} 수량 ${1 + r.int(9)}`,
  (r) => `cache ${r.pick(['hit', 'miss'])} for product ${r.int(5e4)} in ${r.int(40)} ms`,
  (r) => `SELECT finished: ${r.int(100)} rows from ${r.pick(['orders', 'members', 'products', 'stock'])}`,
  () => 'request completed',
  () => 'request started',
  (r) => `장바구니에 상품 ${r.int(5e4)}을(를) 담았습니다`,
];
const ERRORS = [
  (r) => `payment declined by issuer: code ${r.int(99)} for order ${r.int(1e6)}`,
  (r) => `로그인실패: 회원 ${r.int(2e5)} 비밀번호 오류 ${1 + r.int(5)}회`,
  (r) => `connect ETIMEDOUT 10.0.${r.int(255)}.${r.int(255)}:5432`,
];

/** xorshift32: fast and the same everywhere. */
export function createRandom(seed) {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  const hex8 = () => next().toString(16).padStart(8, '0');
  return {
    int: (max) => next() % max,
    chance: (percent) => next() % 1000 < percent * 10,
    pick: (list) => list[next() % list.length],
    hex: (digits) => Array.from({ length: digits / 8 }, hex8).join(''),
  };
}

/**
 * Endless records: `next()` gives {service, record} in rising time, about `perSecond` of them per second.
 * `rare` puts a word and a Hangul compound into one record of every 500,000.
 */
export function createTraffic({ seed = 7, startMs = Date.UTC(2026, 10, 21), perSecond = 500 } = {}) {
  const r = createRandom(seed);
  const sessions = Array.from({ length: 300 }, () => ({
    session: r.hex(32),
    user: r.hex(32),
    global: r.hex(32),
  }));
  const open = [];
  let count = 0;
  let timeNs = BigInt(startMs) * 1_000_000n;
  const stepNs = Math.floor(1e9 / perSecond);
  const newTrace = () => {
    const index = r.int(sessions.length);
    if (r.chance(2)) sessions[index] = { session: r.hex(32), user: r.hex(32), global: r.hex(32) };
    if (r.chance(10)) sessions[index].global = r.hex(32);
    return {
      ...sessions[index],
      trace: r.hex(32),
      span: r.hex(16),
      parent: '',
      left: 4 + r.int(9),
      agent: r.pick(AGENTS),
      ip: `121.${r.int(255)}.${r.int(255)}.${r.int(255)}`,
    };
  };
  return {
    next() {
      count++;
      timeNs += BigInt(1 + r.int(stepNs * 2));
      while (open.length < 12) open.push(newTrace());
      const slot = r.int(open.length);
      const trace = open[slot];
      trace.left--;
      if (trace.left <= 0) open.splice(slot, 1);
      if (r.chance(30)) {
        trace.parent = trace.span;
        trace.span = r.hex(16);
      }
      const [service, routes] = SERVICES[trace.left % SERVICES.length];
      return { service, record: record({ r, trace, routes, count, time: toTime(timeNs) }) };
    },
  };
}

function record({ r, trace, routes, count, time }) {
  const dice = r.int(100);
  const kind = dice < 60 ? 'log' : dice < 85 ? 'span' : 'access';
  const bad = r.chance(1);
  const route = r.pick(routes);
  const id = r.int(1e6);
  let message = bad ? r.pick(ERRORS)(r) : r.pick(MESSAGES)(r);
  if (count % 500_000 === 250_000) message += ' zanzibarite 희귀한낱말찾기';
  const out = {
    seq: 0,
    time,
    kind,
    level: bad ? 'error' : r.chance(4) ? 'warn' : r.chance(15) ? 'debug' : 'info',
    message,
    trace_id: trace.trace,
    span_id: trace.span,
  };
  if (trace.parent !== '') out.parent_span_id = trace.parent;
  out.global_trace_id = trace.global;
  out.session_hash = trace.session;
  out.user_hash = trace.user;
  if (kind !== 'log') {
    out.duration_ms = Math.round(r.int(400) ** 2 / 100) / 10;
    out['http.request.method'] = r.pick(['GET', 'GET', 'GET', 'POST', 'PUT']);
    out['http.route'] = route;
    out['http.response.status_code'] = bad ? 500 : r.pick([200, 200, 200, 201, 204, 304, 404]);
    out['url.path'] = route.replace(':id', String(id));
    out['client.address'] = trace.ip;
    if (kind === 'access') out['user_agent.original'] = trace.agent;
  } else out['http.route'] = route;
  if (bad) {
    out['error.type'] = r.pick(['TimeoutError', 'PaymentDeclined', 'AuthError']);
    out['exception.message'] = message;
  }
  out.attributes = attributes(r, id, kind);
  return out;
}

function attributes(r, id, kind) {
  const common = {
    'order.id': id,
    'member.tier': r.pick(['gold', 'silver', 'basic', 'vip']),
    region: r.pick(['ap-northeast-2a', 'ap-northeast-2b', 'ap-northeast-2c']),
  };
  if (kind === 'log')
    return {
      ...common,
      'cart.items': r.int(9),
      'feature.checkout_v2': r.chance(50),
      'db.rows': r.int(100),
      'request.id': r.hex(16),
      'job.attempt': 1 + r.int(3),
    };
  return { ...common, 'queue.lag_ms': r.int(900), 'net.bytes_sent': r.int(60000) };
}

function toTime(ns) {
  const iso = new Date(Number(ns / 1_000_000n)).toISOString();
  return `${iso.slice(0, -1)}${String(ns % 1_000_000n).padStart(6, '0')}Z`;
}

/** Chunks of the queue: batches of 500 records per service with a header line, about `bytesMax` each. */
export function* createChunks({ records, bytesMax = 32e6, batch = 500, ...options }) {
  const traffic = createTraffic(options);
  const seqs = new Map();
  let left = records;
  while (left > 0) {
    const waiting = new Map();
    const lines = [];
    const headers = [];
    let bytes = 0;
    let count = 0;
    let timeFrom = '';
    let timeTo = '';
    const flush = (service, rows) => {
      headers.push({ rowStart: lines.length, ...headerOf(service, timeTo) });
      lines.push(
        JSON.stringify({ sillok: 1, ...headerOf(service, timeTo), encoding: 'flat', count: rows.length }),
      );
      lines.push(...rows, JSON.stringify({ sillok_sum: '00000000', bytes, records: rows.length }));
      waiting.delete(service);
    };
    while (left > 0 && bytes < bytesMax) {
      const { service, record: row } = traffic.next();
      const seq = (seqs.get(service) ?? 0) + 1;
      seqs.set(service, seq);
      row.seq = seq;
      const line = JSON.stringify(row);
      bytes += Buffer.byteLength(line) + 1;
      timeFrom ||= row.time;
      timeTo = row.time;
      const rows = waiting.get(service) ?? [];
      waiting.set(service, rows);
      rows.push(line);
      left--;
      count++;
      if (rows.length === batch) flush(service, rows);
    }
    for (const [service, rows] of waiting) flush(service, rows);
    yield { text: `${lines.join('\n')}\n`, headers, records: count, recordBytes: bytes, timeFrom, timeTo };
  }
}

function headerOf(service, observed) {
  const host = HOSTS[service.length % HOSTS.length];
  const resource = {
    'service.name': service,
    'service.version': '1.4.2',
    'service.instance.id': `${service}-0`,
    'host.name': host,
    'deployment.environment.name': 'production',
    'process.pid': 4242,
  };
  return {
    project: 'default',
    class: 'log',
    producer: `${service}-7f3a`,
    boot: '019ab2c4-7d1e-7c3a-9f10-2b8e5a6c7d81',
    resource,
    observed_time: observed,
  };
}
