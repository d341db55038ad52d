/**
 * Loki's label text, `{job="api", host="h1"}`, and what of it is the resource.
 *
 * Labels that say which service and machine wrote become the resource, the others attributes under their own names.
 */
import type { Resource } from '@sillok/record';

export type Labels = { readonly [name: string]: string };

/** First one present wins. */
const RESOURCE_LABELS: readonly { readonly key: string; readonly labels: readonly string[] }[] = [
  { key: 'service.name', labels: ['service_name', 'service', 'app', 'container', 'compose_service', 'job'] },
  { key: 'host.name', labels: ['host_name', 'host', 'hostname', 'node_name', 'node', 'instance'] },
  { key: 'deployment.environment.name', labels: ['deployment_environment', 'environment', 'env'] },
  { key: 'service.version', labels: ['service_version', 'version'] },
];

const PAIR = /\s*([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;

/** Nothing when the text is not a label set. */
export function parseLabels(text: string): Labels | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{') || !trimmed.endsWith('}')) return undefined;
  const inner = trimmed.slice(1, -1).trim();
  const labels: { [name: string]: string } = Object.create(null);
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < inner.length) {
    const match = PAIR.exec(inner);
    if (!match) return undefined;
    labels[match[1] ?? ''] = unquote(match[2] ?? '');
  }
  return labels;
}

/** Go's escapes in a double-quoted string, as far as labels use them. */
function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (whole: string, escape: string) => {
    if (escape.length > 1) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return SIMPLE_ESCAPES[escape] ?? whole;
  });
}
const SIMPLE_ESCAPES: { readonly [letter: string]: string } = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
};

export function splitLabels(labels: Labels): { resource: Resource; attributes: { [name: string]: string } } {
  const resource: { [key: string]: string } = {};
  const attributes: { [name: string]: string } = Object.assign(Object.create(null), labels);
  for (const { key, labels: names } of RESOURCE_LABELS) {
    const name = names.find((candidate) => (labels[candidate] ?? '') !== '');
    if (name === undefined) continue;
    resource[key] = labels[name] ?? '';
    delete attributes[name];
  }
  return { resource, attributes };
}
