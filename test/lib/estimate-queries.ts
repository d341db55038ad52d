/** Queries as people ask them, made from a seed: searches, counts and SQL over the records of the bench's shop. */
export interface AskedQuery {
  readonly kind: 'search' | 'sql';
  readonly text: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface QuerySource {
  readonly seed: number;
  readonly count: number;
  /** Ends of the data, milliseconds since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Ids that are there. */
  readonly traceIds: readonly string[];
}

type Pick = <T>(list: readonly T[]) => T;

const FILTERS = [
  'level:error',
  'level:(error or warn)',
  '-level:debug',
  'kind:span',
  'kind:access',
  'service.name:payments',
  'service.name:gateway level:info',
  'http.route:"/api/orders/:id"',
  'http.response.status_code:500',
  'http.response.status_code>=400',
  'duration_ms>1000',
  'duration_ms:1..5',
  'member.tier:vip',
  'region:ap-northeast-2b -member.tier:basic',
  'cart.items>7',
  'error.type:*',
  'has:exception.message',
  'payment',
  '"payment declined"',
  '로그인',
  '결제 level:info',
  '회원 or 재고',
  'url.path:/api*',
  'timeout or ETIMEDOUT',
  'zanzibarite',
  'message:*product*',
  'http.request.method:POST http.response.status_code:201',
  'job.attempt:3 level:warn',
  '',
];
const STATS = [
  'count() by bin(5m)',
  'count() by bin(1m), level',
  'count() by service.name',
  'p95(duration_ms) by http.route',
  'count(), avg(duration_ms), max(duration_ms) by service.name, kind',
  'count_distinct(user_hash) by bin(15m)',
  'count() by member.tier',
  'sum(cart.items) by region',
  'count_distinct(session_hash), count_distinct(trace_id)',
  'count() by error.type | sort -count() | limit 5',
];
const SQL = [
  'SELECT count() FROM records WHERE WHERE_TIME',
  'SELECT level, count() FROM records WHERE WHERE_TIME GROUP BY level',
  "SELECT `http.route`, quantile(0.99)(duration_ms) FROM records WHERE WHERE_TIME AND kind = 'span' GROUP BY 1",
  "SELECT attributes['member.tier'] AS tier, count() FROM records WHERE WHERE_TIME GROUP BY tier",
  "SELECT attributes['order.id'] AS o, count() AS n FROM records WHERE WHERE_TIME GROUP BY o ORDER BY n DESC LIMIT 20",
  'SELECT time, message FROM records WHERE WHERE_TIME ORDER BY time DESC LIMIT 50',
  "SELECT * FROM records WHERE WHERE_TIME AND level = 'error' ORDER BY time LIMIT 100",
  "SELECT message FROM records WHERE WHERE_TIME AND message LIKE '%declined%'",
  'SELECT toStartOfMinute(time) AS m, uniq(user_hash) FROM records WHERE WHERE_TIME GROUP BY m ORDER BY m',
  'SELECT trace_id, count() AS n FROM records WHERE WHERE_TIME GROUP BY trace_id ORDER BY n DESC LIMIT 10',
  "SELECT count() FROM records WHERE WHERE_TIME AND trace_id IN (SELECT trace_id FROM records WHERE WHERE_TIME AND level = 'error')",
  'WITH slow AS (SELECT * FROM records WHERE WHERE_TIME AND duration_ms > 1000) SELECT `service.name`, count() FROM slow GROUP BY 1',
  "SELECT countIf(level = 'error') / count(), `service.name` FROM records WHERE WHERE_TIME GROUP BY 2",
  'SELECT length(message), count() FROM records WHERE WHERE_TIME GROUP BY 1 ORDER BY 1 LIMIT 10',
];

export function makeQueries({ seed, count, fromMs, toMs, traceIds }: QuerySource): AskedQuery[] {
  const random = randomFrom(seed);
  // The lists here are written out above and never empty.
  const pick: Pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const range = (): { from: string; to: string } => {
    const part = pick([1, 1, 0.5, 0.2, 0.05, 0.01]);
    const length = (toMs - fromMs) * part;
    const start = fromMs + random() * (toMs - fromMs - length);
    return { from: iso(start), to: iso(start + length) };
  };
  return Array.from({ length: count }, (): AskedQuery => {
    const dice = random();
    const { from, to } = range();
    const open = random() < 0.3;
    if (dice < 0.35) {
      const time = `time >= '${from.slice(0, -1)}' AND time < '${to.slice(0, -1)}'`;
      return { kind: 'sql', text: pick(SQL).replaceAll('WHERE_TIME', time), parameters: {} };
    }
    const both = random() < 0.3 ? ` ${pick(FILTERS)}` : '';
    const filter = random() < 0.08 ? `trace_id:${pick(traceIds)}` : `${pick(FILTERS)}${both}`;
    const text = dice < 0.65 ? `${filter} | stats ${pick(STATS)}` : filter;
    const limit = { limit: String(pick([10, 100, 100, 500])), order: pick(['asc', 'desc']) };
    return { kind: 'search', text, parameters: { ...limit, ...(open ? {} : { from, to }) } };
  });
}

/** mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
