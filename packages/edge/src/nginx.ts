/**
 * nginx: the common and combined formats (Apache writes the same), with whatever was added at their end, and JSON under
 * the names of nginx's own variables, as the ready configuration in docs/guides/edges writes it.
 */
import { parseTime } from '@sillok/record';
import { createBag } from './bag.js';
import { fieldsOfHit } from './hit.js';
import type { Upstream } from './hit.js';
import { nameOfShape, readIds } from './ids.js';
import type { EdgeReading } from './reading.js';
import { cleanUrl } from './secrets.js';
import { given, parseClf, present, readRequest, readTarget, tryMsOfSeconds, tryNumber } from './values.js';
import type { Fields } from './values.js';

const COMBINED =
  /^(\S+) (\S+) (\S+) \[([^\]]{20,40})\] "((?:[^"\\]|\\.)*)" (\d{3}) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?[ \t]*(.*)$/;
const COMBINED_HEAD = /^\S+ \S+ \S+ \[\d{2}\/[A-Z][a-z]{2}\/\d{4}:[^\]]*\] "/;

export function readCombined(line: string): EdgeReading | undefined {
  if (!COMBINED_HEAD.test(line)) return undefined;
  const match = COMBINED.exec(line);
  if (!match) return { unparsed: 'begins like an access log of nginx and breaks off' };
  const [, address, , user, clock = '', request = '', status, size, referer, agent, tail = ''] = match;
  const time = parseClf(clock, true);
  if (time === undefined) return { unparsed: `no such time: ${clock}` };
  const { fields, durationMs, upstream, ids } = readTail(tail);
  return {
    fields: fieldsOfHit({
      kind: 'nginx',
      time,
      durationMs,
      request: readRequest(request),
      status: Number(status),
      upstream,
      ids,
      more: {
        ...present('client.address', given(address)),
        ...present('user.name', given(user)),
        ...present('http.response.body.size', tryNumber(size)),
        ...present(
          'http.request.header.referer',
          referer === '-' ? undefined : given(cleanUrl(referer ?? '')),
        ),
        ...present('user_agent.original', given(agent)),
        ...(Object.keys(readRequest(request)).length > 0 ? {} : present('http.request.line', given(request))),
        ...fields,
      },
    }),
  };
}

/** What people add at the end: `rt=0.005 urt="0.001, 0.004"`, a bare request time, an id. */
function readTail(tail: string): {
  readonly fields: Fields;
  readonly durationMs: number | undefined;
  readonly upstream: Upstream | undefined;
  readonly ids: Fields;
} {
  const pairs = new Map<string, string>();
  const pair = /(?:^|\s)([A-Za-z_][\w-]{0,40})=(?:"([^"]*)"|(\S*))/g;
  for (let match = pair.exec(tail); match; match = pair.exec(tail))
    pairs.set((match[1] ?? '').toLowerCase(), match[2] ?? match[3] ?? '');
  const pick = (...names: readonly string[]): string | undefined =>
    names.map((name) => given(pairs.get(name))).find((value) => value !== undefined);
  const bare = tail
    .split(/[\s"]+/)
    .flatMap((word) => (nameOfShape(word) === undefined ? [] : [[nameOfShape(word) ?? '', word] as const]));
  const upstream = readUpstreams({
    addresses: pick('ua', 'upstream', 'upstream_addr'),
    statuses: pick('us', 'upstream_status'),
    durations: pick('urt', 'upstream_response_time'),
  });
  return {
    fields: present('access.more', given(tail)),
    durationMs:
      tryMsOfSeconds(pick('rt', 'request_time')) ?? tryMsOfSeconds(/^\d+\.\d{3}(?=\s|$)/.exec(tail)?.[0]),
    upstream,
    ids: readIds([...pairs, ...bare]),
  };
}

/** nginx's variables that say a line is its access log, where nothing else does. */
export function isNginxObject(object: Fields): boolean {
  if (object['edge'] === 'nginx') return true;
  return (
    'remote_addr' in object &&
    'status' in object &&
    ('request' in object || 'request_uri' in object || 'uri' in object) &&
    ['request_time', 'body_bytes_sent', 'upstream_addr', 'time_local', 'msec'].some((name) => name in object)
  );
}

export function readNginxObject(object: Fields): Fields {
  const bag = createBag(object);
  bag.drop('edge');
  const ids = bag.ids();
  const time = readTime(bag.text('msec', 'time_iso8601', 'time_local', 'time', 'timestamp', '@timestamp'));
  const durationMs = tryMsOfSeconds(bag.text('request_time', 'rt'));
  const upstream = readUpstreams({
    addresses: bag.text('upstream_addr'),
    statuses: bag.text('upstream_status'),
    durations: bag.text('upstream_response_time'),
  });
  const request = readRequestFields(bag);
  const status = bag.number('status');
  const referer = bag.text('http_referer', 'referer');
  const more = {
    ...present('client.address', bag.text('remote_addr', 'realip_remote_addr')),
    ...present('client.port', bag.number('remote_port')),
    ...present('user.name', bag.text('remote_user')),
    ...present('user_agent.original', bag.text('http_user_agent', 'user_agent')),
    ...present('http.request.header.referer', referer === undefined ? undefined : cleanUrl(referer)),
    ...present('http.response.body.size', bag.number('body_bytes_sent', 'bytes_sent')),
    ...present('http.request.size', bag.number('request_length')),
    ...present('server.address', bag.text('host', 'http_host', 'server_name')),
    ...present('edge.request_id', given(String(object['request_id'] ?? ''))),
    ...listed('edge.upstream.connect_ms', bag.text('upstream_connect_time')),
    ...listed('edge.upstream.header_ms', bag.text('upstream_header_time')),
  };
  return fieldsOfHit({
    kind: 'nginx',
    time,
    durationMs,
    request,
    status,
    upstream,
    ids,
    more: { ...bag.rest(), ...more },
  });
}

function readTime(text: string | undefined): string | undefined {
  return text === undefined ? undefined : (parseTime(text) ?? parseClf(text, true));
}

function readRequestFields(bag: ReturnType<typeof createBag>): Fields {
  const request = readRequest(bag.text('request') ?? '');
  const target = bag.text('request_uri', 'uri');
  const protocol = bag.text('server_protocol')?.replace(/^HTTP\//, '');
  return {
    ...request,
    ...present('http.request.method', bag.text('request_method', 'method') ?? request['http.request.method']),
    ...(target === undefined ? {} : readTarget(target)),
    ...present('network.protocol.version', protocol ?? request['network.protocol.version']),
    ...present('url.scheme', bag.text('scheme')),
  };
}

/** nginx lists attempts with commas, and with a colon where an internal redirect led to another group of upstreams. */
function attemptsOf(text: string | undefined): (string | null)[] {
  return text === undefined ? [] : text.split(/, | : /).map((part) => given(part.trim()) ?? null);
}

function readUpstreams(texts: {
  readonly addresses: string | undefined;
  readonly statuses: string | undefined;
  readonly durations: string | undefined;
}): Upstream | undefined {
  const addresses = attemptsOf(texts.addresses);
  const statuses = attemptsOf(texts.statuses).map((text) => tryNumber(text ?? undefined) ?? null);
  const durationsMs = attemptsOf(texts.durations).map((text) => tryMsOfSeconds(text ?? undefined) ?? null);
  const attempts = Math.max(addresses.length, statuses.length, durationsMs.length);
  return attempts === 0 ? undefined : { attempts, addresses, statuses, durationsMs };
}

function listed(field: string, text: string | undefined): Fields {
  const list = attemptsOf(text).map((part) => tryMsOfSeconds(part ?? undefined) ?? null);
  return list.some((value) => value !== null) ? { [field]: list } : {};
}
