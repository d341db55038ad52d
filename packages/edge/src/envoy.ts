/** Envoy's default access log and Istio's, as text and as JSON. What Envoy logs first is when the request began. */
import { parseTime } from '@sillok/record';
import { createBag } from './bag.js';
import { fieldsOfHit, lastOf } from './hit.js';
import type { Upstream } from './hit.js';
import type { EdgeReading } from './reading.js';
import { given, present, readRequest, readTarget, splitPort, splitWords } from './values.js';
import type { Fields } from './values.js';

const HEAD = /^\[(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+Z)\] "/;
/** The four numbers in a row: received, sent, duration, upstream's time. The last may be missing. */
const NUMBER = /^\d+$/;
/** Behind the four: client, agent, request id, authority, upstream. */
const QUOTED = 5;
const ISTIO_NAMES = [
  'upstream_cluster',
  'upstream_local_address',
  'downstream_local_address',
  'downstream_remote_address',
  'requested_server_name',
  'route_name',
];

export function readEnvoy(line: string): EdgeReading | undefined {
  const head = HEAD.exec(line);
  if (!head) return undefined;
  const [request = '', status = '', flags = '', ...words] = splitWords(line.slice(head[0].length - 1));
  // Envoy's own format has nothing between the flags and the numbers, Istio's of several years has one to three words.
  const at = words.findIndex((word, index) => NUMBER.test(word) && NUMBER.test(words[index + 1] ?? ''));
  if (!/^\d{1,3}$/.test(status) || at < 0 || words.length < at + 4 + QUOTED)
    return { unparsed: 'begins like an access log of Envoy and is none' };
  const [details, termination, reason] = words.slice(0, at);
  const [received, sent, duration, service, forwarded, agent, requestId, authority, host, ...istio] =
    words.slice(at);
  const named = Object.fromEntries(
    istio.slice(0, ISTIO_NAMES.length).map((word, index) => [ISTIO_NAMES[index], word]),
  );
  const target = readRequest(request);
  return {
    fields: readEnvoyObject({
      start_time: head[1],
      method: target['http.request.method'],
      protocol: target['network.protocol.version'],
      path: / (\S+)/.exec(request)?.[1],
      response_code: status,
      response_flags: flags,
      response_code_details: details,
      connection_termination_details: termination,
      upstream_transport_failure_reason: reason,
      bytes_received: received,
      bytes_sent: sent,
      duration,
      upstream_service_time: service,
      x_forwarded_for: forwarded,
      user_agent: agent,
      request_id: requestId,
      authority,
      upstream_host: host,
      ...named,
    }),
  };
}

export function isEnvoyObject(object: Fields): boolean {
  if (object['edge'] === 'envoy') return true;
  return 'response_flags' in object && 'response_code' in object && 'method' in object;
}

export function readEnvoyObject(object: Fields): Fields {
  const bag = createBag(object);
  bag.drop('edge');
  const ids = bag.ids();
  const requestId = given(String(object['request_id'] ?? object['x_request_id'] ?? ''));
  const time = bag.text('start_time', 'time', 'timestamp');
  const durationMs = bag.number('duration', 'duration_ms');
  const status = bag.number('response_code');
  const flags = bag.text('response_flags');
  const target = bag.text('path', 'x_envoy_original_path');
  const forwarded = bag.text('x_forwarded_for');
  const remote = bag.text('downstream_remote_address');
  const client =
    forwarded?.split(',')[0]?.trim() ?? (remote === undefined ? undefined : splitPort(remote).host);
  const more = {
    ...present('client.address', given(client)),
    ...present('user_agent.original', bag.text('user_agent')),
    ...present('server.address', bag.text('authority')),
    ...present('http.request.body.size', bag.number('bytes_received')),
    ...present('http.response.body.size', bag.number('bytes_sent')),
    ...present('edge.request_id', requestId),
    ...present('edge.response_flags', flags),
    ...present('edge.error_reason', bag.text('response_code_details')),
    ...present('edge.termination_state', bag.text('connection_termination_details')),
    ...present('edge.upstream.failure', bag.text('upstream_transport_failure_reason')),
    ...present('edge.upstream.name', bag.text('upstream_cluster')),
    ...present('edge.route', bag.text('route_name')),
  };
  const upstream = upstreamOf({
    host: bag.text('upstream_host'),
    attempts: bag.number('upstream_request_attempt_count', 'attempts'),
    serviceMs: bag.number('upstream_service_time'),
    status,
  });
  return fieldsOfHit({
    kind: 'envoy',
    time: time === undefined ? undefined : parseTime(time),
    isStart: true,
    durationMs,
    request: {
      ...present('http.request.method', bag.text('method')),
      ...(target === undefined ? {} : readTarget(target)),
      ...present('network.protocol.version', bag.text('protocol')?.replace(/^HTTP\//, '')),
    },
    status,
    upstream,
    ids,
    more: { ...bag.rest(), ...more },
  });
}

/** Without a count in the log only this is known: no host, no attempt. One host says nothing about those before it. */
function upstreamOf(tried: {
  readonly host: string | undefined;
  readonly attempts: number | undefined;
  readonly serviceMs: number | undefined;
  readonly status: number | undefined;
}): Upstream | undefined {
  const { host, serviceMs, status } = tried;
  const attempts = tried.attempts ?? (host === undefined ? 0 : undefined);
  if (attempts === undefined) return undefined;
  return {
    attempts,
    addresses: lastOf(attempts, host?.replace(/^tcp:\/\//, '')),
    statuses: lastOf(attempts, serviceMs === undefined ? undefined : status),
    durationsMs: lastOf(attempts, serviceMs),
  };
}
