/**
 * What shippers ask an Elasticsearch before they send: its version, its licence, whether templates exist.
 *
 * Sillok needs no templates, so it says yes to all of it and keeps none. `GET /` belongs to the console; it is answered
 * here only for programs that say they are clients of Elasticsearch.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Filebeat and its family, Logstash, Fluentd and Fluent Bit, Vector, and Elastic's own client libraries. */
const CLIENTS = /beat\b|beat\/|logstash|fluent|vector|elasticsearch|elastic-|elastic_/i;

/** New enough for every shipper in use, old enough that none asks for what came later. */
const VERSION = '8.11.0';

const ROOT = {
  name: 'sillok',
  cluster_name: 'sillok',
  cluster_uuid: 'sillok-has-no-cluster-uu',
  version: {
    number: VERSION,
    build_flavor: 'default',
    build_type: 'docker',
    lucene_version: '9.8.0',
    minimum_wire_compatibility_version: '7.17.0',
    minimum_index_compatibility_version: '7.0.0',
  },
  tagline: 'You Know, for Search',
};

const LICENSE = { license: { status: 'active', uid: 'sillok', type: 'basic', mode: 'basic' } };
const HEALTH = { cluster_name: 'sillok', status: 'green', timed_out: false, number_of_nodes: 1 };
const NODES = { cluster_name: 'sillok', nodes: { sillok: { name: 'sillok', version: VERSION } } };
const XPACK = { license: { type: 'basic', mode: 'basic', status: 'active' }, features: {} };

/** Things shippers install before they start; each is acknowledged and forgotten. */
const INSTALLED = [
  '/_template/:name',
  '/_index_template/:name',
  '/_component_template/:name',
  '/_ilm/policy/:name',
  '/_ingest/pipeline/:name',
  '/_data_stream/:name',
];

export function registerElasticHandshake(app: FastifyInstance): void {
  // A route beside the console's own: the router decides by who asks.
  app.addConstraintStrategy({
    name: CONSTRAINT,
    storage: createConstraintStorage,
    deriveConstraint: (request: IncomingMessage) => (isClient(request) ? 'yes' : undefined),
    validate: () => undefined,
    mustMatchWhenDerived: false,
  });
  void app.register(async (scope) => {
    const answers = { '/_license': LICENSE, '/_xpack': XPACK, '/_cluster/health': HEALTH, '/_nodes': NODES };
    for (const [url, answer] of Object.entries(answers))
      scope.get(url, (_request, reply) => send(reply, answer));
    scope.get('/_nodes/http', (_request, reply) => send(reply, NODES));
    const constraints = { [CONSTRAINT]: 'yes' };
    scope.route({
      method: ['GET', 'HEAD'],
      url: '/',
      constraints,
      handler: (_request, reply) => send(reply, ROOT),
    });
    for (const url of INSTALLED) {
      scope.route({
        method: ['GET', 'HEAD', 'PUT', 'POST'],
        url,
        handler: (_request, reply) => send(reply, { acknowledged: true }),
      });
    }
  });
}

const CONSTRAINT = 'elasticsearchClient';

function createConstraintStorage() {
  const handlers = new Map<string, Handler>();
  return {
    get: (value: string) => handlers.get(value) ?? null,
    set: (value: string, handler: Handler) => void handlers.set(value, handler),
  };
}
type Storage = ReturnType<Parameters<FastifyInstance['addConstraintStrategy']>[0]['storage']>;
type Handler = Parameters<Storage['set']>[1];

function isClient(request: IncomingMessage): boolean {
  const { 'user-agent': agent = '', accept = '' } = request.headers;
  return CLIENTS.test(agent) || accept.includes('vnd.elasticsearch+');
}

function send(reply: FastifyReply, answer: { readonly [field: string]: unknown }): FastifyReply {
  return reply
    .header('x-elastic-product', 'Elasticsearch')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(answer));
}
