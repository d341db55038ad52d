/**
 * A line of an access log of whatever stands in front of the services → the fields of an `access` record. Total on any
 * text: what looks like such a line and is none comes back with the reason, everything else is not ours.
 */
import { readAlb } from './alb.js';
import { isCloudFrontObject, readCloudFront, readCloudFrontObject, withoutCookies } from './cloudfront.js';
import { isEnvoyObject, readEnvoy, readEnvoyObject } from './envoy.js';
import { isHaproxyObject, readHaproxy, readHaproxyObject } from './haproxy.js';
import { EDGE_LINE_CHARACTERS_MAX } from './limits.js';
import { isNginxObject, readCombined, readNginxObject } from './nginx.js';
import type { EdgeOptions, EdgeReading } from './reading.js';
import { cleanText } from './secrets.js';
import type { Fields } from './values.js';
import { isWafObject, readWafObject } from './waf.js';

/** What syslog writes in front when it puts lines into a file: `Nov 21 10:00:00 host haproxy[7]: `. */
const SYSLOG_HEAD =
  /^(?:<\d{1,3}>)?(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2}|\d{4}-\d{2}-\d{2}T\S{8,32}) (?:\S{1,255} )?(?:haproxy|nginx|envoy|httpd|apache2?)(?:\[\d+\])?: /;

/** How any of these lines begins; the cheap question before all others. */
const START =
  /^(?:\S+ \S+ \S+ \[\d{2}\/|\S+:\d{1,5} \[\d{2}\/|\[\d{4}-\d{2}-\d{2}T[\d:.]+Z\] "|(?:https?|h2|grpcs?|wss?) \d{4}-\d{2}-\d{2}T\S+ app\/|\d{4}-\d{2}-\d{2}\t\d{2}:\d{2}:\d{2}\t)/;

/** Whether a line is whole by itself, whatever the lines around it are. */
export function isEdgeLine(line: string): boolean {
  return START.test(line) || SYSLOG_HEAD.test(line);
}

export function readEdgeLine(line: string, options: EdgeOptions): EdgeReading | undefined {
  if (line.length > EDGE_LINE_CHARACTERS_MAX) return undefined;
  const text = line.trimEnd();
  const own = START.test(text) ? text : text.replace(SYSLOG_HEAD, '');
  if (own.startsWith('{')) return readJson(own);
  if (!START.test(own)) return undefined;
  return (
    readCombined(own) ??
    readHaproxy(own, options) ??
    readEnvoy(own) ??
    readAlb(own) ??
    readCloudFront(own, options.head)
  );
}

/** A log line in JSON, parsed already. Nothing when it is not an edge's. */
export function readEdgeObject(object: Fields): Fields | undefined {
  if (isNginxObject(object)) return readNginxObject(object);
  if (isHaproxyObject(object)) return readHaproxyObject(object);
  if (isEnvoyObject(object)) return readEnvoyObject(object);
  if (isWafObject(object)) return readWafObject(object);
  return isCloudFrontObject(object) ? readCloudFrontObject(object) : undefined;
}

/** The text under which a line is kept that was not understood: as it came, without secrets that it may hold. */
export function textOfUnparsed(line: string, head: string | undefined): string {
  return cleanText(line.includes('\t') ? withoutCookies(line, head) : line);
}

/** JSON as one line of text: behind a head of syslog, or as the message of a protocol. */
function readJson(text: string): EdgeReading | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // It began with a brace, so it is an object.
    const fields = readEdgeObject(value as Fields);
    return fields === undefined ? undefined : { fields };
  } catch {
    return text.startsWith('{"edge"') ? { unparsed: 'looks like JSON and is not' } : undefined;
  }
}
