/** AWS Application Load Balancer: one line of words, the request and what follows in quotes. */
import { parseTime } from '@sillok/record';
import { fieldsOfHit } from './hit.js';
import type { Upstream } from './hit.js';
import { readIds } from './ids.js';
import type { EdgeReading } from './reading.js';
import { given, present, readRequest, splitPort, splitWords, tryMsOfSeconds, tryNumber } from './values.js';
import type { Fields } from './values.js';

const HEAD = /^(?:https?|h2|grpcs?|wss?) \d{4}-\d{2}-\d{2}T\S+ app\//;

const NAMES = (
  'type time elb client target request_processing_time target_processing_time response_processing_time ' +
  'elb_status_code target_status_code received_bytes sent_bytes request user_agent ssl_cipher ssl_protocol ' +
  'target_group_arn trace_id domain_name chosen_cert_arn matched_rule_priority request_creation_time ' +
  'actions_executed redirect_url error_reason target_port_list target_status_code_list classification ' +
  'classification_reason conn_trace_id transformed_host transformed_uri request_transform_status'
).split(' ');
/** All that was there in the oldest version of the format; later fields were added behind. */
const NEEDED = NAMES.indexOf('target_group_arn');

export function readAlb(line: string): EdgeReading | undefined {
  if (!HEAD.test(line)) return undefined;
  const words = splitWords(line);
  if (words.length <= NEEDED)
    return { unparsed: `an ALB line has at least ${NEEDED + 1} fields, this one ${words.length}` };
  const field = (name: string): string | undefined => given(words[NAMES.indexOf(name)]);
  const time = parseTime(field('time') ?? '');
  const status = tryNumber(field('elb_status_code'));
  if (time === undefined) return { unparsed: `no such time: ${field('time') ?? '-'}` };
  const request = readRequest(field('request') ?? '');
  const client = splitPort(field('client') ?? '');
  return {
    fields: fieldsOfHit({
      kind: 'alb',
      time,
      durationMs: durationOf(field, time),
      request,
      status,
      upstream: upstreamOf(field),
      ids: readIds([['x-amzn-trace-id', field('trace_id') ?? '']]),
      more: {
        ...present('client.address', given(client.host)),
        ...present('client.port', client.port),
        ...moreOf(field),
      },
    }),
  };
}

type Field = (name: string) => string | undefined;

/** From the request's creation where it is logged; else the sum of its three parts. */
function durationOf(field: Field, time: string): number | undefined {
  const created = parseTime(field('request_creation_time') ?? '');
  const parts = ['request_processing_time', 'target_processing_time', 'response_processing_time'];
  const known = parts.map((name) => tryMsOfSeconds(field(name))).filter((ms) => ms !== undefined);
  if (known.length > 0) return Math.round(known.reduce((sum, ms) => sum + ms, 0) * 1000) / 1000;
  return created === undefined ? undefined : Math.max(0, Date.parse(time) - Date.parse(created));
}

function upstreamOf(field: Field): Upstream {
  const list = (name: string, single: string): string[] =>
    (field(name) ?? field(single) ?? '').split(/[\s,]+/).filter((part) => given(part) !== undefined);
  const addresses = list('target_port_list', 'target');
  const statuses = list('target_status_code_list', 'target_status_code').map(
    (text) => tryNumber(text) ?? null,
  );
  const durationMs = tryMsOfSeconds(field('target_processing_time')) ?? null;
  const attempts = Math.max(addresses.length, statuses.length);
  const durationsMs = attempts === 1 ? [durationMs] : [];
  return { attempts, addresses, statuses, durationsMs };
}

function moreOf(field: Field): Fields {
  const self = /(?:^|;)Self=([\w-]+)/.exec(field('trace_id') ?? '')?.[1];
  return {
    ...present('user_agent.original', field('user_agent')),
    ...present('http.request.size', tryNumber(field('received_bytes'))),
    ...present('http.response.size', tryNumber(field('sent_bytes'))),
    ...present('edge.name', field('elb')),
    ...present('edge.request_id', self),
    ...present('edge.timing.request_ms', tryMsOfSeconds(field('request_processing_time'))),
    ...present('edge.timing.response_ms', tryMsOfSeconds(field('response_processing_time'))),
    ...present('edge.upstream.name', field('target_group_arn')),
    ...present('edge.actions', field('actions_executed')),
    ...present('edge.rule', field('matched_rule_priority')),
    ...present('edge.error_reason', field('error_reason')),
    ...present('edge.classification', field('classification')),
    ...present('edge.connection_id', field('conn_trace_id')),
    ...present('tls.cipher', field('ssl_cipher')),
    ...present('tls.protocol.version', field('ssl_protocol')),
    ...present('server.address', field('domain_name')),
  };
}
