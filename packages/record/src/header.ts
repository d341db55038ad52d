/** The first line of a segment or of a batch: who wrote the records below it. */
import type { RejectCode } from './errors.js';
import { jsonTextOf } from './json-text.js';
import { HEADER_BYTES_MAX, NAME_BYTES_MAX, RESOURCE_KEYS_MAX } from './limits.js';
import { isWellFormed } from './quote.js';
import type { Json, Resource, SegmentHeader } from './types.js';

/** A header with what the server's queue adds to it: `project`, `class`, `observed_time`, counts. */
export type ReadHeader = SegmentHeader & { readonly [extra: string]: Json };

export type ParsedHeader =
  | { readonly ok: true; readonly header: ReadHeader }
  | { readonly ok: false; readonly code: RejectCode; readonly reason: string };

const CONTROL = /\p{Cc}/u;

export function encodeHeader(header: SegmentHeader & { readonly [extra: string]: unknown }): string {
  const { sillok, producer, boot, resource, encoding, ...extra } = header;
  return JSON.stringify({ sillok, producer, boot, resource, encoding, ...extra });
}

/**
 * Reads a header line. Never throws. Unknown keys are kept; a resource value that is no scalar becomes JSON
 * text.
 */
export function parseHeader(line: string): ParsedHeader {
  if (line.length > HEADER_BYTES_MAX)
    return bad('line_too_large', `a header has at most ${HEADER_BYTES_MAX} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return bad('bad_header', 'the first line is not JSON');
  }
  if (!isObject(value) || value['sillok'] === undefined) {
    return bad(
      'bad_header',
      'the first line is not a header: {"sillok":1,"producer":…,"boot":…,"resource":{…}}',
    );
  }
  if (value['sillok'] !== 1)
    return bad('bad_header', 'only version 1 of the line format is understood ("sillok":1)');
  const { producer, boot, encoding } = value;
  if (!isName(producer)) return bad('bad_header', nameReason('producer'));
  if (!isName(boot)) return bad('bad_header', nameReason('boot'));
  if (encoding !== undefined && encoding !== 'flat' && encoding !== 'nested') {
    return bad('bad_header', 'encoding is "flat" or left out');
  }
  const resource = readResource(value['resource'] ?? {});
  if (resource === undefined)
    return bad('bad_header', `resource is an object of at most ${RESOURCE_KEYS_MAX} keys`);
  const header: { [key: string]: unknown } = { ...value, producer, boot, resource };
  if (encoding !== 'flat') delete header['encoding'];
  return { ok: true, header: header as ReadHeader }; // each field was checked above
}

/** Whether a text can be a producer's or a boot's name. */
export function isName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    name !== '' &&
    name.length <= NAME_BYTES_MAX &&
    !CONTROL.test(name) &&
    isWellFormed(name)
  );
}

function nameReason(field: string): string {
  return `${field} is a text of 1 to ${NAME_BYTES_MAX} characters without control characters`;
}

function readResource(value: unknown): Resource | undefined {
  if (!isObject(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length > RESOURCE_KEYS_MAX) return undefined;
  const entries = keys.map((key) => [key, scalar(value[key])] as const);
  return Object.fromEntries(entries.filter(([, scalarValue]) => scalarValue !== ''));
}

function scalar(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null ? '' : jsonTextOf(value);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(code: RejectCode, reason: string): ParsedHeader {
  return { ok: false, code, reason };
}
