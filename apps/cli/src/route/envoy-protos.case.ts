/**
 * Envoy's own published messages, and a strict reading of configuration against them: a field that the message does not
 * have, a value of another type or two of one choice are named by their place. (Envoy reads YAML as the JSON of protobuf.)
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import protobuf from 'protobufjs';

const require = createRequire(import.meta.url);
const published = join(dirname(require.resolve('@grpc/grpc-js-xds/package.json')), 'deps');
const folders = [
  ...['envoy-api', 'googleapis', 'protoc-gen-validate', 'xds'].map((name) => join(published, name)),
  dirname(require.resolve('protobufjs/package.json')),
];

export function readEnvoyMessages(files: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    folders.map((folder) => join(folder, target)).find((path) => existsSync(path)) ?? target;
  root.loadSync([...files], { keepCase: true }).resolveAll();
  return root;
}

/** What Envoy would refuse, each by its place; empty when it fits. */
export function faultsOf(root: protobuf.Root, typeName: string, value: unknown): string[] {
  return messageFaults(root.lookupType(typeName), value, '');
}

function messageFaults(type: protobuf.Type, value: unknown, place: string): string[] {
  const name = type.fullName.slice(1);
  if (name === 'google.protobuf.Struct') return isObject(value) ? [] : [`${place}: no object`];
  if (name === 'google.protobuf.Duration') {
    return typeof value === 'string' && /^[0-9]+(?:\.[0-9]{1,9})?s$/.test(value)
      ? []
      : [`${place}: no duration`];
  }
  if (name.startsWith('google.protobuf.') && name.endsWith('Value')) {
    return fieldFaults(type.fields['value'], value, place);
  }
  if (!isObject(value)) return [`${place}: no object`];
  if (name !== 'google.protobuf.Any') return objectFaults(type, value, place);
  const { '@type': url, ...rest } = value;
  return objectFaults(type.root.lookupType(String(url).replace('type.googleapis.com/', '')), rest, place);
}

function objectFaults(type: protobuf.Type, value: Record<string, unknown>, place: string): string[] {
  const choices = type.oneofsArray.filter(({ oneof }) => oneof.filter((name) => name in value).length > 1);
  return [
    ...choices.map(({ name }) => `${place}: more than one of ${name}`),
    ...Object.entries(value).flatMap(([name, each]) => {
      const field = type.fields[name];
      const at = `${place}/${name}`;
      if (field === undefined) return [`${at}: not a field of ${type.fullName}`];
      if (!field.repeated) return fieldFaults(field, each, at);
      if (!Array.isArray(each)) return [`${at}: no list`];
      return each.flatMap((item, index) => fieldFaults(field, item, `${at}/${index}`));
    }),
  ];
}

function fieldFaults(field: protobuf.Field | undefined, value: unknown, place: string): string[] {
  if (field === undefined || field.map) return [`${place}: not looked at here`];
  const type = field.resolvedType;
  if (type instanceof protobuf.Type) return messageFaults(type, value, place);
  const fits =
    type instanceof protobuf.Enum
      ? String(value) in type.values
      : typeof value === ({ string: 'string', bool: 'boolean' }[field.type] ?? 'number');
  return fits ? [] : [`${place}: no ${field.type}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
