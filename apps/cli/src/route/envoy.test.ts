/** What we write for Envoy, and the access log that its guide asks for, against Envoy's own published messages. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { faultsOf, readEnvoyMessages } from './envoy-protos.case.js';
import { envoyConfig } from './mesh.js';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const root = readEnvoyMessages([
  'envoy/config/cluster/v3/cluster.proto',
  'envoy/config/route/v3/route_components.proto',
  'envoy/extensions/access_loggers/file/v3/file.proto',
  'envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto',
]);

const written = envoyConfig({
  copies: [
    { service: 'orders', version: 'fix-42', address: '10.0.0.7:8080' },
    { service: 'payments', version: "it's 9", address: 'payments.dev.svc' },
  ],
  token: 'r1_0123456789_abc.def',
  until: '2026-11-25T10:00:00Z',
});
const [routesText = '', clustersText = ''] = written.split('# clusters:\n');
const [routes, clusters] = [parse(routesText), parse(clustersText)];

test('every field of the routes and clusters that sillok route writes is one of Envoy v3', () => {
  expect(routes).toHaveLength(2);
  expect(clusters).toHaveLength(2);
  const virtualHost = { name: 'orders', domains: ['*'], routes };
  const manager = { stat_prefix: 'in', route_config: { name: 'all', virtual_hosts: [virtualHost] } };
  expect(faultsOf(root, MANAGER, manager)).toEqual([]);
  for (const cluster of clusters) {
    expect(faultsOf(root, 'envoy.config.cluster.v3.Cluster', cluster)).toEqual([]);
  }
});

test('the access log of the guide fits the connection manager that it is put into', () => {
  const guide = new URL('../../../../docs/guides/edges/envoy.yaml', import.meta.url);
  const log = parse(readFileSync(guide, 'utf8'));
  expect(log.access_log).toHaveLength(1);
  expect(faultsOf(root, MANAGER, { stat_prefix: 'in', ...log })).toEqual([]);
});

test('a field of another version, a wrong type and two of one choice are found, deep inside', () => {
  const [route] = structuredClone(routes);
  route.match.headers[0].regex_match = '.*';
  route.match.path = 7;
  route.route.timeout = '1 second';
  expect(faultsOf(root, 'envoy.config.route.v3.Route', route)).toEqual([
    '/match: more than one of path_specifier',
    '/match/headers/0/regex_match: not a field of .envoy.config.route.v3.HeaderMatcher',
    '/match/path: no string',
    '/route/timeout: no duration',
  ]);
  const [cluster] = structuredClone(clusters);
  cluster.type = 'STRICTLY_DNS';
  cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.port_value = '80';
  expect(
    faultsOf(root, 'envoy.config.cluster.v3.Cluster', cluster).map((fault) => fault.split(': ')[1]),
  ).toEqual(['no DiscoveryType', 'no uint32']);
});
