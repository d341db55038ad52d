/**
 * What is done to a browser's batch before it is admitted. Keys of browsers are public, so nothing in it is believed that
 * would reach beyond the browser's own records: the producer gets a name that no service can have, the kind must be one
 * that browsers write, and the lines are never taken as an SDK's own canonical ones, so that secrets in them are hidden here.
 */
import { encodeLimited, NAME_BYTES_MAX, parseHeader, type FlatRecord, type ReadHeader } from '@sillok/record';

import type { Touch } from '../admit/first-touch.js';
import { badRequest } from '../errors.js';
import { HEADER_BYTES_MAX } from '../limits.js';
import type { MapResolver } from './map-resolve.js';
import type { ReleaseName } from './map-store.js';

const NEWLINE = 0x0a;
const BROWSER_SDK = 'sillok-browser';
const KINDS_OF_BROWSERS: readonly string[] = ['event', 'span', 'log'];

export interface BrowserBatch {
  readonly header: ReadHeader;
  /** Bytes after the header line. */
  readonly lines: Buffer;
}

/** Throws a `ServerError` when there is no header. */
export function readBrowserBatch(body: Buffer): BrowserBatch {
  const help = 'The first line is {"sillok":1,"producer":"…","boot":"…","resource":{"service.name":"…"}}.';
  const newline = body.indexOf(NEWLINE);
  const end = newline < 0 ? body.length : newline;
  if (end === 0 || end > HEADER_BYTES_MAX)
    throw badRequest('bad_header', 'The body has no header line.', help);
  const parsed = parseHeader(body.toString('utf8', 0, end));
  if (!parsed.ok) throw badRequest(parsed.code, `The header line cannot be used: ${parsed.reason}.`, help);
  return { header: parsed.header, lines: body.subarray(Math.min(end + 1, body.length)) };
}

/** The same batch under a name of its project. */
export function ownBody({ header, lines }: BrowserBatch, project: string): Buffer {
  const { boot, resource } = header;
  const producer = `browser/${project}/${header.producer}`.slice(0, NAME_BYTES_MAX);
  // What says this of itself is believed about people by nobody: identity reads it.
  const sdk = resource['telemetry.sdk.name'];
  const claimed = sdk === undefined || sdk === BROWSER_SDK ? {} : { 'telemetry.distro.name': sdk };
  const own = {
    sillok: 1,
    producer,
    boot,
    resource: { ...resource, ...claimed, 'telemetry.sdk.name': BROWSER_SDK },
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(own)}\n`), lines]);
}

export interface BrowserTouchOptions {
  readonly release: ReleaseName;
  readonly maps: MapResolver;
  /** Told of each record, as it will stand in the queue. */
  readonly seen: (record: FlatRecord) => void;
}

/** Does what `first` does, too. Its name changes with the source maps: a record resolved otherwise is no conflict. */
export function browserTouch(first: Touch | undefined, { release, maps, seen }: BrowserTouchOptions): Touch {
  return {
    name: ['browser', maps.revision(release), first?.name].filter(Boolean).join(' '),
    resource: (resource) => first?.resource(resource) ?? resource,
    lineOf(record) {
      if (!KINDS_OF_BROWSERS.includes(record.kind)) refuseKind(record);
      resolveStack(record, { release, maps });
      const line = first?.lineOf(record) ?? encodeLimited(record);
      seen(record);
      return line;
    },
  };
}

/** The original stays; what it means stands beside it. */
function resolveStack(record: FlatRecord, { release, maps }: Omit<BrowserTouchOptions, 'seen'>): void {
  const { attributes = {} } = record;
  const stack = record['exception.stacktrace'] ?? attributes['code.stacktrace'];
  const resolved = typeof stack === 'string' ? maps.resolve(release, stack) : undefined;
  if (resolved === undefined) return;
  record.attributes = { ...attributes, 'browser.stacktrace': resolved.text };
  if (resolved.component !== undefined) record.attributes['browser.component'] ??= resolved.component;
}

/** An audit entry or an access record of a browser would be a forgery; what it says is kept as an event. */
function refuseKind(record: FlatRecord): void {
  record.attributes = { ...record.attributes, 'browser.kind.refused': record.kind };
  record.kind = 'event';
}
