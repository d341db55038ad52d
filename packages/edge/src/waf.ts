/** AWS WAF: one JSON object per request that was inspected. Of the headers only those that name and follow a request are kept. */
import { parseTime } from '@sillok/record';
import { fieldsOfHit } from './hit.js';
import { readIds } from './ids.js';
import { cleanQuery } from './secrets.js';
import { given, present, tryNumber } from './values.js';
import type { Fields } from './values.js';

export function isWafObject(object: Fields): boolean {
  return typeof object['webaclId'] === 'string' && isObject(object['httpRequest']);
}

export function readWafObject(object: Fields): Fields {
  const request = isObject(object['httpRequest']) ? object['httpRequest'] : {};
  const headers = headersOf(request['headers']);
  const action = textOf(object['action']);
  const time = object['timestamp'];
  const requestId = textOf(request['requestId']);
  const query = textOf(request['args']);
  const blocked = action !== undefined && action !== 'ALLOW' && action !== 'COUNT';
  const fields = fieldsOfHit({
    kind: 'waf',
    time: typeof time === 'number' || typeof time === 'string' ? parseTime(time) : undefined,
    durationMs: undefined,
    request: {
      ...present('http.request.method', textOf(request['httpMethod'])),
      ...present('url.path', textOf(request['uri'])),
      ...present('url.query', query === undefined ? undefined : cleanQuery(query)),
      ...present('url.scheme', textOf(request['scheme'])),
      ...present('network.protocol.version', textOf(request['httpVersion'])?.replace(/^HTTP\//, '')),
    },
    status: tryNumber(textOf(object['responseCodeSent'])) ?? (action === 'BLOCK' ? 403 : undefined),
    ids: idsOf(headers, requestId),
    more: {
      ...present('client.address', textOf(request['clientIp'])),
      ...present('client.geo.country_iso_code', textOf(request['country'])),
      ...present('server.address', textOf(request['host']) ?? headers.get('host')),
      ...present('user_agent.original', headers.get('user-agent')),
      ...present('edge.request_id', requestId),
      ...present('edge.name', textOf(object['webaclId'])),
      ...present('edge.action', action),
      ...present('edge.rule', textOf(object['terminatingRuleId'])),
      ...present('edge.source', textOf(object['httpSourceId'])),
      ...present('edge.labels', namesOf(object['labels'])),
      ...present('edge.rules_counted', rulesOf(object['nonTerminatingMatchingRules'])),
    },
  });
  // WAF looks at a request and does not answer it: what it lets through has no status, and that is no fault.
  const asked = `${String(fields['http.request.method'] ?? '-')} ${String(fields['url.path'] ?? '-')}`;
  const message = `${asked} ${action ?? '-'}`;
  return { ...fields, message, level: blocked ? 'warn' : 'info' };
}

/** In front of a load balancer the request's id is the trace id that the load balancer logs. */
function idsOf(headers: ReadonlyMap<string, string>, requestId: string | undefined): Fields {
  const isTrace = requestId !== undefined && /^1-[0-9a-f]{8}-[0-9a-f]{24}$/i.test(requestId);
  const own: readonly (readonly [string, string])[] = isTrace
    ? [['x-amzn-trace-id', `Root=${requestId}`]]
    : [];
  return {
    ...readIds([...headers, ...own]),
    ...(isTrace ? {} : present('trace.alias.x_amz_cf_id', requestId)),
  };
}

function headersOf(list: unknown): Map<string, string> {
  const headers = new Map<string, string>();
  for (const each of Array.isArray(list) ? list : []) {
    if (!isObject(each)) continue;
    const name = textOf(each['name'])?.toLowerCase();
    const value = textOf(each['value']);
    if (name !== undefined && value !== undefined) headers.set(name, value);
  }
  return headers;
}

function namesOf(list: unknown): string[] | undefined {
  const names = (Array.isArray(list) ? list : []).flatMap((each) =>
    isObject(each) ? (textOf(each['name']) ?? []) : [],
  );
  return names.length === 0 ? undefined : names;
}

function rulesOf(list: unknown): string[] | undefined {
  const names = (Array.isArray(list) ? list : []).flatMap((each) =>
    isObject(each) ? (textOf(each['ruleId']) ?? []) : [],
  );
  return names.length === 0 ? undefined : names;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? given(value) : typeof value === 'number' ? String(value) : undefined;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
