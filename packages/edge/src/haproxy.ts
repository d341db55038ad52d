/**
 * HAProxy: the line of `option httplog`, and JSON under the names of our ready configuration. HAProxy names the last server
 * only and counts the connections that it tried again, so what the other attempts met stays unknown.
 */
import { parseTime } from '@sillok/record';
import { createBag } from './bag.js';
import { fieldsOfHit, lastOf } from './hit.js';
import type { Upstream } from './hit.js';
import { nameOfShape, readIds } from './ids.js';
import type { EdgeOptions, EdgeReading } from './reading.js';
import { given, parseClf, present, readRequest, readTarget, splitPort, tryNumber } from './values.js';
import type { Fields } from './values.js';

/** `client:port [accept date] frontend backend/server …` */
const HEAD = /^(\S+:\d{1,5}) \[(\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2}\.\d{3})\] (\S+) (\S+)\/(\S+) /;
const REST =
  /^(-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/(\+?-?\d+) (-?\d+) (\+?\d+) (\S+) (\S+) (\S{2,4}) (\d+)\/(\d+)\/(\d+)\/(\d+)\/(\+?\d+) (\d+)\/(\d+)(?: \{([^}]*)\})?(?: \{([^}]*)\})? "((?:[^"\\]|\\.)*)"?(.*)$/;
/** Of REST: the group of what was captured from the request. */
const FIRST_CAPTURE = 18;
/** `option tcplog`: connections, not requests. */
const CONNECTION = /^-?\d+\/-?\d+\/\+?-?\d+ \+?\d+ \S{2} /;
/** In the place of a server when none was chosen. */
const NO_SERVER = /^<.*>$/;

export function readHaproxy(line: string, options: EdgeOptions): EdgeReading | undefined {
  const head = HEAD.exec(line);
  if (!head) return undefined;
  const rest = line.slice(head[0].length);
  if (CONNECTION.test(rest)) return undefined;
  const match = REST.exec(rest);
  if (!match) return { unparsed: 'begins like a line of HAProxy’s httplog and is none' };
  const time = parseClf(head[2] ?? '', options.utc);
  if (time === undefined) return { unparsed: `no such time: ${head[2] ?? ''}` };
  const client = splitPort(head[1] ?? '');
  const timers = match.slice(1, 6).map((text) => tryNumber(text.replace('+', '')));
  const [asked = '', answered = '', request = '', tail = ''] = match.slice(FIRST_CAPTURE);
  const captured = [asked, answered].map((text) => text.split('|'));
  return {
    fields: fieldsOfHit({
      kind: 'haproxy',
      time,
      isStart: true,
      durationMs: timers[4],
      request: readRequest(request),
      status: tryNumber(match[6]),
      upstream: upstreamOf({
        server: head[5],
        retries: match[15],
        responseMs: timers[3],
        status: tryNumber(match[6]),
      }),
      ids: readIds(shapesIn([...captured.flat(), ...tail.split(/\s+/)])),
      more: {
        ...present('client.address', given(client.host)),
        ...present('client.port', client.port),
        ...present('http.response.size', tryNumber((match[7] ?? '').replace('+', ''))),
        ...(request.startsWith('<') ? { 'http.request.line': request } : {}),
        ...places({ frontend: head[3], backend: head[4], server: head[5] }),
        ...timerFields(timers),
        'edge.termination_state': match[10],
        ...listed('edge.captured.request', captured[0]),
        ...listed('edge.captured.response', captured[1]),
        ...present('access.more', given(tail.trim())),
      },
    }),
  };
}

export function isHaproxyObject(object: Fields): boolean {
  return object['edge'] === 'haproxy';
}

export function readHaproxyObject(object: Fields): Fields {
  const bag = createBag(object);
  bag.drop('edge');
  const ids = bag.ids();
  const end = bag.text('end');
  const start = bag.text('time', 'timestamp');
  const timers = ['request_ms', 'queue_ms', 'connect_ms', 'response_ms', 'duration_ms'].map((name) =>
    bag.number(name),
  );
  const status = bag.number('status');
  const server = bag.text('server');
  const address = bag.text('server_address');
  const upstream = upstreamOf({
    server,
    retries: bag.text('retries'),
    responseMs: timers[3],
    status,
    address,
  });
  const target = bag.text('uri', 'path');
  const more = {
    ...present('client.address', bag.text('client_address')),
    ...present('client.port', bag.number('client_port')),
    ...present('user_agent.original', bag.text('user_agent')),
    ...present('server.address', bag.text('host')),
    ...present('http.response.size', bag.number('bytes')),
    ...present('edge.request_id', given(String(object['request_id'] ?? ''))),
    ...places({ frontend: bag.text('frontend'), backend: bag.text('backend'), server }),
    ...timerFields(timers),
    ...present('edge.termination_state', bag.text('termination_state')),
  };
  return fieldsOfHit({
    kind: 'haproxy',
    time: parseTime(end ?? start ?? ''),
    isStart: end === undefined,
    durationMs: timers[4],
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

interface Tried {
  readonly server: string | undefined;
  /** `1`, or `+1` when the last attempt went to another server. */
  readonly retries: string | undefined;
  readonly responseMs: number | undefined;
  readonly status: number | undefined;
  readonly address?: string | undefined;
}

function upstreamOf({ server, retries, responseMs, status, address }: Tried): Upstream | undefined {
  if (server === undefined) return undefined;
  if (NO_SERVER.test(server)) return { attempts: 0, addresses: [], statuses: [], durationsMs: [] };
  const attempts = 1 + (tryNumber((retries ?? '').replace('+', '')) ?? 0);
  return {
    attempts,
    addresses: lastOf(attempts, address ?? server),
    // Without an answer of the server the status is HAProxy's own.
    statuses: lastOf(attempts, responseMs === undefined ? undefined : status),
    durationsMs: lastOf(attempts, responseMs),
  };
}

function places(names: {
  readonly frontend: string | undefined;
  readonly backend: string | undefined;
  readonly server: string | undefined;
}): Fields {
  return {
    // A tilde marks TLS.
    ...present('edge.name', given(names.frontend?.replace(/~$/, ''))),
    ...present('edge.upstream.name', names.backend === undefined ? undefined : given(names.backend)),
    ...present('edge.upstream.server', names.server === undefined ? undefined : given(names.server)),
  };
}

function timerFields([requestMs, queueMs, connectMs, responseMs]: readonly (number | undefined)[]): Fields {
  return {
    ...present('edge.timing.request_ms', requestMs),
    ...present('edge.timing.queue_ms', queueMs),
    ...present('edge.timing.connect_ms', connectMs),
    ...present('edge.timing.response_ms', responseMs),
  };
}

function shapesIn(words: readonly string[]): [string, string][] {
  return words.flatMap((word): [string, string][] => {
    const name = nameOfShape(word);
    return name === undefined ? [] : [[name, word]];
  });
}

function listed(field: string, values: readonly string[] | undefined): Fields {
  return values?.some((value) => value !== '') === true ? { [field]: values } : {};
}
