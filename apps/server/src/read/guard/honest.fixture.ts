/** Statements that people write and that must work, with what some of them must answer over the rows of the test. */
export interface Honest {
  readonly sql: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Rows, where they are worth a check. */
  readonly rows?: readonly unknown[];
  readonly columns?: readonly string[];
}

const COUNTS: readonly Honest[] = [
  { sql: 'SELECT count() FROM records', rows: [[6]] },
  { sql: 'select count(*) as n from records', rows: [[6]], columns: ['n'] },
  { sql: 'SELECT count() FROM records;', rows: [[6]] },
  { sql: 'SELECT count() FROM records -- all of them\n', rows: [[6]] },
  { sql: 'FROM records SELECT count()', rows: [[6]] },
  { sql: "SELECT count() FROM records WHERE level = 'error'", rows: [[2]] },
  {
    sql: 'SELECT level, count() AS count FROM records GROUP BY level ORDER BY count DESC, level',
    rows: [
      ['info', 4],
      ['error', 2],
    ],
  },
  {
    sql: 'SELECT level, count() c FROM records GROUP BY ALL ORDER BY ALL',
    rows: [
      ['error', 2],
      ['info', 4],
    ],
  },
  { sql: "SELECT countIf(level = 'error') / count() AS rate FROM records", rows: [[2 / 6]] },
  { sql: 'SELECT uniq(trace_id), uniqExact(boot), count(DISTINCT level) FROM records' },
  { sql: 'SELECT toStartOfMinute(time) AS minute, count() FROM records GROUP BY minute ORDER BY minute' },
  {
    sql:
      'SELECT toStartOfInterval(time, INTERVAL 5 MINUTE) AS t, count() FROM records GROUP BY t ' +
      'ORDER BY t WITH FILL STEP INTERVAL 5 MINUTE',
  },
  { sql: 'SELECT level, count() FROM records GROUP BY level WITH TOTALS ORDER BY level' },
  { sql: 'SELECT level, kind, count() FROM records GROUP BY GROUPING SETS ((level), (kind)) ORDER BY 1, 2' },
  { sql: 'SELECT level, count() FROM records GROUP BY ROLLUP(level) ORDER BY 2, 1' },
  { sql: 'SELECT level, count() FROM records GROUP BY level HAVING count() > 2', rows: [['info', 4]] },
];

const COLUMNS: readonly Honest[] = [
  { sql: 'SELECT * FROM records ORDER BY time DESC, seq DESC LIMIT 2' },
  {
    sql: 'SELECT time, message FROM records ORDER BY seq LIMIT 1',
    rows: [['2026-11-21T10:00:01.000000000Z', 'message 1']],
  },
  { sql: 'SELECT seq FROM records ORDER BY seq DESC', rows: [[6], [5], [4], [3], [2], [1]] },
  { sql: 'SELECT seq FROM records ORDER BY seq LIMIT 2 OFFSET 1', rows: [[2], [3]] },
  {
    sql: 'SELECT level, seq FROM records ORDER BY seq LIMIT 1 BY level',
    rows: [
      ['info', 1],
      ['error', 5],
    ],
  },
  { sql: 'SELECT DISTINCT level FROM records ORDER BY level', rows: [['error'], ['info']] },
  { sql: 'SELECT * EXCEPT (message, attributes) FROM records LIMIT 1' },
  { sql: 'SELECT * REPLACE (upper(level) AS level) FROM records LIMIT 1' },
  {
    sql: "SELECT COLUMNS('_id$') FROM records LIMIT 1",
    columns: ['trace_id', 'span_id', 'parent_span_id', 'global_trace_id'],
  },
  {
    sql: 'SELECT `service.name`, `http.route`, `http.response.status_code` FROM records WHERE seq = 5',
    rows: [['orders', '/pay', 500]],
  },
  { sql: 'SELECT "service.name" FROM records WHERE seq = 1', rows: [['orders']] },
  { sql: 'SELECT r.`http.route` FROM records AS r WHERE r.seq = 5', rows: [['/pay']] },
  {
    sql: "SELECT resource['service.name'], resource['host.name'] FROM records WHERE seq = 1",
    rows: [['orders', 'h1']],
  },
  {
    sql: 'SELECT project, producer, boot, seq, kind FROM records WHERE seq = 1',
    rows: [['shop', 'orders-1', 'boot-1', 1, 'log']],
  },
  {
    sql: 'SELECT user_hash AS user, message AS version FROM records WHERE seq = 1',
    rows: [['', 'message 1']],
  },
  { sql: 'SELECT seq AS "한국어" FROM records WHERE seq = 1', columns: ['한국어'] },
  {
    sql: 'SELECT seq AS settings, level AS format FROM records AS x WHERE seq = 1',
    columns: ['settings', 'format'],
  },
];

const ATTRIBUTES: readonly Honest[] = [
  {
    sql: "SELECT attributes['http.route'] FROM records WHERE seq = 5",
    rows: [['/pay']],
    columns: ["attributes['http.route']"],
  },
  { sql: "SELECT attributes['order.id'] AS id FROM records WHERE seq = 2", rows: [['2']] },
  {
    sql: "SELECT attributes['http.response.status_code'] AS s, count() FROM records GROUP BY s ORDER BY s",
    rows: [
      ['', 4],
      ['500', 1],
      ['five', 1],
    ],
  },
  { sql: "SELECT count() FROM records WHERE attributes['http.response.status_code'] = '500'", rows: [[1]] },
  {
    sql: "SELECT seq FROM records WHERE toUInt16OrZero(attributes['http.response.status_code']) >= 500",
    rows: [[5]],
  },
  {
    sql: 'SELECT attributes FROM records WHERE seq = 6',
    rows: [[{ 'http.route': '/pay', 'http.response.status_code': 'five', 'order.id': '6' }]],
  },
  { sql: 'SELECT mapKeys(attributes) FROM records WHERE seq = 1', rows: [[['order.id']]] },
  { sql: "SELECT *, attributes['order.id'] AS o FROM records WHERE attributes['order.id'] = '3'" },
  { sql: "SELECT lower(attributes['http.route']) FROM records WHERE seq = 5", rows: [['/pay']] },
  {
    sql:
      "SELECT r.attributes['http.route'] AS route FROM records AS r WHERE " +
      "r.attributes['order.id'] = '5'",
    rows: [['/pay']],
  },
  {
    sql:
      "SELECT a.attributes['http.route'] FROM records AS a JOIN records AS b ON a.seq = b.seq " +
      'WHERE a.seq = 5',
    rows: [['/pay']],
  },
  {
    sql: "SELECT m['http.route'] FROM (SELECT attributes AS m FROM records WHERE seq = 5)",
    rows: [['/pay']],
  },
  {
    sql: "SELECT attributes['http.route'] FROM (SELECT attributes FROM records WHERE seq = 5)",
    rows: [['/pay']],
  },
  {
    sql: "SELECT 'attributes[''http.route'']' AS text FROM records WHERE seq = 5",
    rows: [["attributes['http.route']"]],
  },
  { sql: "SELECT attributes['a.b\\'c'] AS x FROM records WHERE seq = 5", rows: [['']] },
  { sql: "WITH attributes['http.route'] AS route SELECT route FROM records WHERE seq = 5", rows: [['/pay']] },
  {
    sql:
      "SELECT attributes['http.route'] FROM records WHERE seq = 5 UNION ALL SELECT " +
      "lower(attributes['http.route']) FROM records WHERE seq = 5",
    // The halves of a UNION come in either order.
    rows: [['/pay'], ['/pay']],
  },
  {
    sql:
      "SELECT attributes['http.route'] AS route, count() AS n FROM records GROUP BY route " +
      'ORDER BY n DESC LIMIT 10',
    rows: [
      ['', 4],
      ['/pay', 2],
    ],
  },
  {
    sql: "SELECT toFloat64OrNull(attributes['duration_ms']) AS d FROM records WHERE seq = 5",
    rows: [[12.5]],
  },
];

const LARGER: readonly Honest[] = [
  {
    sql:
      'SELECT quantile(0.95)(duration_ms), quantiles(0.5, 0.9)(duration_ms), ' +
      'median(duration_ms) FROM records',
  },
  {
    sql:
      'SELECT topK(3)(level), argMax(message, time), groupArray(3)(seq), sparkbar(5)(seq, seq) ' +
      'FROM records',
  },
  {
    sql:
      'SELECT seq, lagInFrame(seq) OVER (ORDER BY seq ROWS BETWEEN 1 PRECEDING AND CURRENT ' +
      'ROW) AS before FROM records ORDER BY seq LIMIT 2',
    rows: [
      [1, 0],
      [2, 1],
    ],
  },
  {
    sql:
      'SELECT seq, row_number() OVER w, sum(seq) OVER w FROM records WINDOW w AS (PARTITION BY ' +
      'level ORDER BY seq) ORDER BY seq',
  },
  {
    sql:
      'SELECT level, seq FROM records QUALIFY row_number() OVER (PARTITION BY level ORDER BY ' +
      'seq) = 1 ORDER BY seq',
    rows: [
      ['info', 1],
      ['error', 5],
    ],
  },
  {
    sql: "WITH errors AS (SELECT * FROM records WHERE level = 'error') SELECT count() FROM errors",
    rows: [[2]],
  },
  { sql: 'WITH 2 AS two, (SELECT max(seq) FROM records) AS most SELECT most * two', rows: [[12]] },
  { sql: 'SELECT seq FROM records WHERE seq IN (1, 3) ORDER BY seq', rows: [[1], [3]] },
  { sql: "SELECT seq FROM records WHERE level NOT IN ('info') ORDER BY seq", rows: [[5], [6]] },
  {
    sql: "SELECT count() FROM records WHERE seq IN (SELECT seq FROM records WHERE level = 'error')",
    rows: [[2]],
  },
  {
    sql: 'WITH t AS (SELECT 1 AS seq) SELECT count() FROM records WHERE seq IN (SELECT seq FROM t)',
    rows: [[1]],
  },
  { sql: 'SELECT count() FROM records AS a LEFT JOIN records AS b ON a.seq = b.seq + 1', rows: [[6]] },
  {
    sql:
      'SELECT a.seq, b.seq FROM records AS a ASOF JOIN records AS b ON a.level = b.level AND ' +
      'a.time >= b.time ORDER BY a.seq',
  },
  {
    sql:
      'SELECT number, count(seq) FROM numbers(3) AS n LEFT JOIN records ON number = seq GROUP ' +
      'BY number ORDER BY number',
  },
  { sql: 'SELECT level FROM records UNION DISTINCT SELECT kind FROM records' },
  { sql: 'SELECT seq FROM records EXCEPT SELECT seq FROM records WHERE seq > 1', rows: [[1]] },
  {
    sql: 'SELECT arrayJoin([1, 2]) AS x, count() FROM records GROUP BY x ORDER BY x',
    rows: [
      [1, 6],
      [2, 6],
    ],
  },
  { sql: 'SELECT key, count() FROM records ARRAY JOIN mapKeys(attributes) AS key GROUP BY key ORDER BY key' },
  {
    sql:
      'SELECT arrayMap(x -> x * 2, [1, 2]), arraySum(x -> x, [1]), mapFilter((k, v) -> v != ' +
      "'', map('a', 'b'))",
  },
  {
    sql:
      "SELECT multiIf(level = 'error', 1, 0) AS e, if(seq > 3, 'b', 'a') AS h FROM records " +
      'WHERE seq = 5',
    rows: [[1, 'b']],
  },
  {
    sql: "SELECT CASE level WHEN 'error' THEN 'bad' ELSE 'good' END AS x FROM records WHERE seq = 5",
    rows: [['bad']],
  },
  {
    sql:
      "SELECT message LIKE '%1', message ILIKE 'MESSAGE%', match(message, '^m'), " +
      "position(message, 's') FROM records WHERE seq = 1",
    rows: [[1, 1, 1, 3]],
  },
  {
    sql:
      "SELECT extract(message, '\\\\d+'), splitByChar(' ', message)[1], " +
      "replaceRegexpAll(message, '\\\\d', 'N') FROM records WHERE seq = 1",
    rows: [['1', 'message', 'message N']],
  },
  {
    sql: "SELECT JSONExtractString('{\"a\":\"b\"}', 'a'), JSONExtract('{\"a\":1}', 'a', 'UInt8')",
    rows: [['b', 1]],
  },
  {
    sql:
      "SELECT toDate(time), formatDateTime(time, '%H:%i'), time > toDateTime64('2026-01-01 " +
      "00:00:00', 9, 'UTC') FROM records WHERE seq = 1",
    rows: [['2026-11-21', '10:00', 1]],
  },
  {
    sql:
      'SELECT count() FROM records WHERE time < now() + INTERVAL 100 YEAR AND time BETWEEN ' +
      'toDateTime(0) AND now() + INTERVAL 100 YEAR',
  },
  {
    sql:
      "SELECT dateDiff('second', min(time), max(time)), date_trunc('hour', any(time)), " +
      'EXTRACT(year FROM any(time)) FROM records',
  },
  {
    sql:
      "SELECT CAST(seq AS String), seq::String, CAST('2' AS Nullable(Int32)), toTypeName(seq) " +
      'FROM records WHERE seq = 1',
    rows: [['1', '1', 2, 'UInt64']],
  },
  {
    sql:
      "SELECT domain('http://a.b/c?d=e'), path('http://a.b/c'), " +
      "extractURLParameter('http://a.b/c?d=e', 'd')",
    rows: [['a.b', '/c', 'e']],
  },
  { sql: "SELECT (1, 2).1, tuple(1, 'a'), [1, 2][1], map(1, 2)[1], NULL, 1.5, -1, 0x10, true" },
  {
    sql:
      'SELECT round(1.234, 2), floor(1.5), bar(3, 0, 10), formatReadableSize(1024), hex(255), ' +
      "lower('A')",
  },
  {
    sql: "SELECT 'FORMAT JSON; SETTINGS x = 1 INTO OUTFILE' AS words",
    rows: [['FORMAT JSON; SETTINGS x = 1 INTO OUTFILE']],
  },
  { sql: 'SELECT seq, seq FROM records WHERE seq = 1', rows: [[1, 1]] },
  { sql: 'SELECT 1 WHERE exists(SELECT 1 FROM records)', rows: [[1]] },
  { sql: 'SELECT any(message) RESPECT NULLS FROM records WHERE seq = 1', rows: [['message 1']] },
];

const BOUND: readonly Honest[] = [
  {
    sql: 'SELECT count() FROM records WHERE level = {level:String}',
    params: { level: 'error' },
    rows: [[2]],
  },
  {
    sql: 'SELECT seq FROM records WHERE seq >= {n:UInt64} ORDER BY seq LIMIT {k:UInt32}',
    params: { n: 2, k: 2 },
    rows: [[2], [3]],
  },
  {
    sql: 'SELECT count() FROM records WHERE seq IN {list:Array(UInt64)}',
    params: { list: [1, 2, 99] },
    rows: [[2]],
  },
  {
    sql: 'SELECT count() FROM records WHERE level IN ({a:String}, {b:String})',
    params: { a: 'error', b: 'x' },
    rows: [[2]],
  },
  {
    sql: 'SELECT count() FROM records WHERE message = {m:String}',
    params: { m: "' OR 1 -- \\ \n" },
    rows: [[0]],
  },
  {
    sql: 'SELECT {m:String} AS m',
    params: { m: "tab\tquote'\\back\nline 한글" },
    rows: [["tab\tquote'\\back\nline 한글"]],
  },
  {
    sql: 'SELECT {f:Float64} + 1, {b:Bool}, {n:Nullable(String)}',
    params: { f: 1.5, b: true, n: null },
    rows: [[2.5, true, null]],
  },
  {
    sql: "SELECT count() FROM records WHERE time >= {t:DateTime64(9, 'UTC')}",
    params: { t: '2026-11-21 10:00:05' },
    rows: [[2]],
  },
  {
    sql: 'SELECT attributes[{key:String}] AS v FROM records WHERE seq = 5',
    params: { key: 'http.route' },
    rows: [['/pay']],
  },
];

export const HONEST: readonly Honest[] = [...COUNTS, ...COLUMNS, ...ATTRIBUTES, ...LARGER, ...BOUND];
