/**
 * AWS CloudFront, standard logs: tab-separated lines under a `#Fields` line (version 1, and the W3C form of version 2), and
 * JSON (version 2) with the same names. Cookies are in these logs; their values are never kept.
 */
import { parseTime } from '@sillok/record';
import { createBag } from './bag.js';
import { fieldsOfHit } from './hit.js';
import type { Upstream } from './hit.js';
import { FIELD_NAMES_MAX, WORDS_MAX } from './limits.js';
import type { EdgeReading } from './reading.js';
import { COVERED, cleanQuery, cleanUrl } from './secrets.js';
import { given, present, tryMsOfSeconds } from './values.js';
import type { Fields } from './values.js';

const HEAD = /^\d{4}-\d{2}-\d{2}\t\d{2}:\d{2}:\d{2}\t/;

const STANDARD = (
  'date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) ' +
  'cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken ' +
  'x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status ' +
  'fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len ' +
  'sc-range-start sc-range-end'
).split(' ');
/** Everything up to the length of the request has been there from the beginning. */
const NEEDED = STANDARD.indexOf('time-taken') + 1;

export function readCloudFront(line: string, head: string | undefined): EdgeReading | undefined {
  const names = namesIn(head);
  if (!HEAD.test(line)) return undefined;
  const words = line.split('\t', WORDS_MAX);
  const expected = names ?? STANDARD;
  if (names ? words.length !== names.length : words.length < NEEDED) {
    const needed = names ? `${names.length} fields as its #Fields line says` : `at least ${NEEDED} fields`;
    return { unparsed: `a CloudFront line has ${needed}, this one ${words.length}` };
  }
  const object = Object.fromEntries(expected.map((name, index) => [name, words[index] ?? '']));
  return { fields: readCloudFrontObject(object) };
}

/** `#Fields: date time …` near the beginning of the file. */
function namesIn(head: string | undefined): string[] | undefined {
  const match = /^#Fields:[ \t]+([^\r\n]+)$/m.exec(head ?? '');
  return match ? (match[1] ?? '').trim().split(/[ \t]+/, FIELD_NAMES_MAX) : undefined;
}

/** A line that was not understood, without the column that holds cookies. */
export function withoutCookies(line: string, head: string | undefined): string {
  const at = (namesIn(head) ?? STANDARD).indexOf('cs(Cookie)');
  const words = line.split('\t');
  return words.map((word, index) => (index === at || /=.*;/.test(word) ? COVERED : word)).join('\t');
}

export function isCloudFrontObject(object: Fields): boolean {
  return 'x-edge-request-id' in object || ('x-edge-location' in object && 'cs-method' in object);
}

export function readCloudFrontObject(object: Fields): Fields {
  const bag = createBag(object);
  bag.drop('cs(Cookie)', 'cs-cookie');
  const time = readTime(bag);
  const query = bag.text('cs-uri-query');
  const referer = bag.text('cs(Referer)');
  const requestId = bag.text('x-edge-request-id');
  const result = bag.text('x-edge-result-type');
  const request = {
    ...present('http.request.method', bag.text('cs-method')),
    ...present('url.path', bag.text('cs-uri-stem')),
    ...present('url.query', query === undefined ? undefined : cleanQuery(query)),
    ...present('url.scheme', bag.text('cs-protocol')),
    ...present('network.protocol.version', bag.text('cs-protocol-version')?.replace(/^HTTP\//, '')),
  };
  const status = bag.number('sc-status');
  const more = {
    ...present('client.address', bag.text('c-ip')),
    ...present('client.port', bag.number('c-port')),
    ...present('server.address', bag.text('x-host-header', 'cs(Host)')),
    ...present('user_agent.original', decoded(bag.text('cs(User-Agent)'))),
    ...present(
      'http.request.header.referer',
      referer === undefined ? undefined : cleanUrl(decoded(referer) ?? ''),
    ),
    ...present('http.request.size', bag.number('cs-bytes')),
    ...present('http.response.size', bag.number('sc-bytes')),
    ...present('edge.request_id', requestId),
    ...present('edge.name', bag.text('x-edge-location')),
    ...present('edge.result_type', result),
    ...present('edge.result_detail', bag.text('x-edge-detailed-result-type')),
    ...present('edge.timing.first_byte_ms', tryMsOfSeconds(bag.text('time-to-first-byte'))),
    ...present('tls.protocol.version', bag.text('ssl-protocol')),
    ...present('tls.cipher', bag.text('ssl-cipher')),
  };
  return fieldsOfHit({
    kind: 'cloudfront',
    time,
    durationMs: tryMsOfSeconds(bag.text('time-taken')),
    request,
    status,
    upstream: upstreamOf(result),
    // What the origin got as `X-Amz-Cf-Id`.
    ids: { ...bag.ids(), ...present('trace.alias.x_amz_cf_id', requestId) },
    more: { ...bag.rest(), ...more },
  });
}

/** In UTC, the moment when the edge had answered. */
function readTime(bag: ReturnType<typeof createBag>): string | undefined {
  const date = bag.text('date');
  const clock = bag.text('time');
  const epoch = bag.text('timestamp(ms)', 'timestamp');
  return parseTime(epoch ?? (date === undefined ? (clock ?? '') : `${date}T${clock ?? ''}Z`));
}

/** A hit was answered by the edge alone. How often a miss asked the origin is not in the log. */
function upstreamOf(result: string | undefined): Upstream | undefined {
  const alone = result === 'Hit' || result === 'Redirect' || result === 'LimitExceeded';
  return alone ? { attempts: 0, addresses: [], statuses: [], durationsMs: [] } : undefined;
}

/** CloudFront percent-encodes what stands in headers, and blanks in them twice. */
function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text.replaceAll('%25', '%'));
  } catch {
    return given(text);
  }
}
