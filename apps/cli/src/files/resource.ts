/** Which service and machine a record of a file came from: what its fields say, over what the caller and the path say. */
import type { Resource } from '@sillok/record';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DOCKER_CONFIG_FILE, serviceOf, stemOf } from '../filenames.js';

type Fields = { readonly [field: string]: unknown };

const FIELD_PATHS: readonly { readonly key: string; readonly paths: readonly (readonly string[])[] }[] = [
  { key: 'service.name', paths: [['service.name'], ['service', 'name']] },
  { key: 'service.version', paths: [['service.version'], ['service', 'version']] },
  { key: 'host.name', paths: [['host.name'], ['host', 'name'], ['hostname']] },
  {
    key: 'deployment.environment.name',
    paths: [['deployment.environment.name'], ['service', 'environment']],
  },
];

/** `base` itself when the fields add nothing, so that callers can compare by identity. */
export function resourceOfFields(fields: Fields, base: Resource): Resource {
  let resource: { [key: string]: string | number | boolean } | undefined;
  for (const { key, paths } of FIELD_PATHS) {
    const found = paths
      .map((path) => readPath(fields, path))
      .find((value) => typeof value === 'string' && value !== '');
    if (typeof found !== 'string' || base[key] === found) continue;
    resource ??= { ...base };
    resource[key] = found;
  }
  return resource ?? base;
}

function readPath(fields: Fields, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    // An object that has this key.
    value = (value as Fields)[key];
  }
  return value;
}

const KUBERNETES = /\/pods\/([^/_]+)_([^/_]+)_[^/]+\/([^/]+)\/\d+\.log$/;
const KUBERNETES_LINK = /\/containers\/([^/_]+)_([^/_]+)_(.+)-[0-9a-f]{64}\.log$/;
const DOCKER = /\/containers\/([0-9a-f]{64})\/[0-9a-f]{64}-json\.log/;

/** From a path alone: containers say much in theirs, other files only a name. */
export function resourceOfPath(path: string): Resource {
  const pod = KUBERNETES.exec(path) ?? KUBERNETES_LINK.exec(path);
  if (pod) {
    const linked = KUBERNETES_LINK.test(path);
    const [namespace, name] = linked ? [pod[2], pod[1]] : [pod[1], pod[2]];
    return {
      'service.name': pod[3] ?? '',
      'k8s.namespace.name': namespace ?? '',
      'k8s.pod.name': name ?? '',
      'k8s.container.name': pod[3] ?? '',
    };
  }
  const docker = DOCKER.exec(path);
  if (docker) {
    const id = (docker[1] ?? '').slice(0, 12);
    return { 'service.name': dockerName(path) ?? id, 'container.id': docker[1] ?? '' };
  }
  return { 'service.name': serviceOf(stemOf(basename(path))) };
}

/** The name given with `docker run --name`; beside the log, readable for who may read the log. */
function dockerName(path: string): string | undefined {
  try {
    const config: unknown = JSON.parse(readFileSync(join(dirname(path), DOCKER_CONFIG_FILE), 'utf8'));
    const name = typeof config === 'object' && config !== null && 'Name' in config ? config.Name : undefined;
    return typeof name === 'string' && name !== '' ? name.replace(/^\//, '') : undefined;
  } catch {
    return undefined;
  }
}
