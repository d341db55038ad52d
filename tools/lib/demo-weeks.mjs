/** Three weeks of requests before the demo began: one endpoint that gets slower day by day, and others that do not. */
const DAY_MS = 86_400_000;
const DAYS = 21;
const PER_DAY = 24;
const ENDPOINTS = [
  { route: '/search', ms: (day) => 220 + day * 24 },
  { route: '/items/:id', ms: (day) => 90 + (day % 5) * 3 },
  { route: '/cart', ms: (day) => 140 - day },
];

export async function pourWeeks({ url, key }) {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const resource = { 'service.name': 'catalog', 'service.version': '5.0.1' };
  const lines = [JSON.stringify({ sillok: 1, producer: 'catalog-1', boot: 'weeks', resource })];
  for (let day = 0; day < DAYS; day += 1) {
    for (let index = 0; index < PER_DAY; index += 1) {
      const at = new Date(today - (DAYS - day) * DAY_MS + index * 1_800_000);
      for (const { route, ms } of ENDPOINTS)
        lines.push(request(lines.length, at, { route, ms: ms(day) + (index % 7) * 4 }));
    }
  }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const response = await fetch(`${url}/v1/records`, {
    method: 'POST',
    body: `${lines.join('\n')}\n`,
    headers,
  });
  if (!response.ok) throw new Error(`the weeks were not taken: ${response.status} ${await response.text()}`);
}

function request(seq, at, { route, ms }) {
  return JSON.stringify({
    ...{ seq, time: `${at.toISOString().slice(0, -1)}000000Z`, kind: 'access', level: 'info' },
    ...{ message: `GET ${route}`, duration_ms: ms, user_hash: `visitor-${seq % 90}` },
    ...{ 'http.request.method': 'GET', 'http.route': route, 'http.response.status_code': 200 },
  });
}
