/**
 * What one line of text says when it is a log line in JSON, and otherwise. Used where a protocol carries lines.
 *
 * Which names mean time, level and message is decided by `normaliseInput` of record, in one place for all.
 */
import { readEdgeLine, readEdgeObject, textOfUnparsed } from '@sillok/edge';
import type { Resource } from '@sillok/record';
import type { ForeignRecord } from '../seams.js';

export function tryJsonObject(text: string): { [field: string]: unknown } | undefined {
  const trimmed = text.trimStart();
  if (!trimmed.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    // It began with a brace and is JSON, so it is an object.
    return value as { [field: string]: unknown };
  } catch {
    return undefined;
  }
}

/** Lines without their ends; the last one needs none. */
export function* linesOf(bytes: Buffer): Generator<string> {
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(0x0a, start);
    const end = found < 0 ? bytes.length : found;
    yield bytes.toString('utf8', start, end);
    start = end + 1;
  }
}

/**
 * A JSON line brings its fields, an access log's what it says of the request, any other line is the message. `extra` never
 * replaces a field of the line.
 */
export function lineToRecord(line: string, extra: { readonly [field: string]: unknown }): ForeignRecord {
  const object = tryJsonObject(line);
  if (object) return { ...extra, ...(readEdgeObject(object) ?? object) };
  const reading = readEdgeLine(line, { utc: false });
  if (reading === undefined) return { ...extra, message: line };
  if ('fields' in reading) return { ...extra, ...reading.fields };
  return { ...extra, message: textOfUnparsed(line, undefined), 'sillok.unparsed': reading.unparsed };
}

/** Where programs put what OpenTelemetry calls the resource: dotted, nested (ECS), or pino's and bunyan's names. */
const RESOURCE_FIELDS: readonly { readonly key: string; readonly paths: readonly (readonly string[])[] }[] = [
  { key: 'service.name', paths: [['service.name'], ['service', 'name']] },
  { key: 'service.version', paths: [['service.version'], ['service', 'version']] },
  { key: 'service.instance.id', paths: [['service.instance.id'], ['service', 'node', 'name']] },
  { key: 'host.name', paths: [['host.name'], ['host', 'name'], ['host', 'hostname'], ['hostname']] },
  {
    key: 'deployment.environment.name',
    paths: [['deployment.environment.name'], ['deployment.environment'], ['service', 'environment']],
  },
];

/** The resource that an object names, over `given`. The fields themselves stay where they are. */
export function resourceOfFields(fields: ForeignRecord, given: Resource): Resource {
  let resource: { [key: string]: string | number | boolean } | undefined;
  for (const { key, paths } of RESOURCE_FIELDS) {
    for (const path of paths) {
      const found = readPath(fields, path);
      if (typeof found !== 'string' || found === '') continue;
      resource ??= { ...given };
      resource[key] = found;
      break;
    }
  }
  return resource ?? given;
}

function readPath(fields: ForeignRecord, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    // An object with this key.
    value = (value as { readonly [key: string]: unknown })[key];
  }
  return value;
}
