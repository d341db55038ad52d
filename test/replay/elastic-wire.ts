/**
 * The part of Elasticsearch's HTTP that a sink uses, as strict shapes: what may be asked, and what is answered. Written from the
 * published interface (multi get, bulk, search with scroll, version 8 and 9; OpenSearch 2 has the same), for tests only: our
 * requests are held against it, and so is what the stand-in answers, so that neither is made up to please the other.
 */
import { z } from 'zod';

const cause = z.looseObject({ type: z.string(), reason: z.string().nullish() });
const shards = z.looseObject({ total: z.int(), successful: z.int(), failed: z.int() });
const writes = z.enum(['index', 'create', 'update', 'delete']);

const target = z.strictObject({
  _id: z.string().max(512).optional(),
  _index: z.string().optional(),
  routing: z.string().optional(),
});
/** A line of a bulk body that says what to do; `index` and `create` are followed by a document. */
const action = z.union([
  z.strictObject({ index: target }),
  z.strictObject({ create: target }),
  z.strictObject({ delete: target.required({ _id: true }) }),
]);

const got = z.strictObject({
  _index: z.string(),
  _id: z.string(),
  found: z.boolean(),
  _version: z.int().optional(),
  _seq_no: z.int().optional(),
  _primary_term: z.int().optional(),
  _source: z.looseObject({}).optional(),
});
const item = z.strictObject({
  _index: z.string(),
  _id: z.string().nullish(),
  status: z.int().min(200).max(599),
  result: z.enum(['created', 'updated', 'deleted', 'noop', 'not_found']).optional(),
  _version: z.int().optional(),
  _seq_no: z.int().optional(),
  _primary_term: z.int().optional(),
  _shards: shards.optional(),
  error: cause.optional(),
});
const found = z.looseObject({
  took: z.int(),
  timed_out: z.boolean(),
  _scroll_id: z.string().optional(),
  _shards: shards,
  hits: z.looseObject({ hits: z.array(z.looseObject({ _index: z.string(), _id: z.string() })) }),
});

export const refusal = z.looseObject({ status: z.int(), error: cause });

export interface Call {
  readonly methods: readonly string[];
  readonly path: RegExp;
  readonly type: string;
  /** Parameters of the address that there are. */
  readonly parameters: readonly string[];
  readonly body: z.ZodType;
  readonly answer: z.ZodType;
}

const JSON_TYPE = 'application/json';
const scrollBody = z.strictObject({ scroll: z.string().regex(/^\d+[smh]$/), scroll_id: z.string() });

export const CALLS = {
  mget: {
    methods: ['GET', 'POST'],
    path: /^\/[a-z][^/]*\/_mget$/,
    type: JSON_TYPE,
    parameters: ['_source', 'preference', 'realtime', 'refresh', 'routing'],
    body: z.union([
      z.strictObject({ ids: z.array(z.string()).min(1) }),
      z.strictObject({ docs: z.array(target.required({ _id: true })).min(1) }),
    ]),
    answer: z.strictObject({
      docs: z.array(z.union([got, z.strictObject({ _index: z.string(), _id: z.string(), error: cause })])),
    }),
  },
  bulk: {
    methods: ['POST', 'PUT'],
    path: /^(?:\/[a-z][^/]*)?\/_bulk$/,
    type: 'application/x-ndjson',
    parameters: ['refresh', 'pipeline', 'routing', 'timeout', 'wait_for_active_shards', 'require_alias'],
    body: z.array(z.union([action, z.looseObject({})])).min(1),
    answer: z
      .strictObject({
        took: z.int(),
        errors: z.boolean(),
        items: z.array(z.partialRecord(writes, item)),
        ingest_took: z.int().optional(),
      })
      .refine(({ errors, items }) => errors === items.some((each) => Object.values(each).some(hasError)), {
        error: '"errors" says whether one of the items failed',
      }),
  },
  search: {
    methods: ['GET', 'POST'],
    path: /^\/[a-z][^/]*\/_search$/,
    type: JSON_TYPE,
    parameters: ['scroll', 'routing', 'preference'],
    body: z.strictObject({
      // Where nothing else is set an index gives no larger page.
      size: z.int().min(1).max(10_000),
      _source: z.boolean(),
      sort: z.array(z.string()),
      query: z.strictObject({ match_all: z.strictObject({}) }),
    }),
    answer: found,
  },
  scroll: {
    methods: ['GET', 'POST'],
    path: /^\/_search\/scroll$/,
    type: JSON_TYPE,
    parameters: [],
    body: scrollBody,
    answer: found,
  },
  clearScroll: {
    methods: ['DELETE'],
    path: /^\/_search\/scroll$/,
    type: JSON_TYPE,
    parameters: [],
    body: z.strictObject({ scroll_id: z.union([z.string(), z.array(z.string())]) }),
    answer: z.strictObject({ succeeded: z.boolean(), num_freed: z.int() }),
  },
} as const satisfies Readonly<Record<string, Call>>;

function hasError(each: z.output<typeof item> | undefined): boolean {
  return each?.error !== undefined;
}

/** The lines of a bulk body. Throws what the interface would refuse. */
export function bulkLines(
  body: string,
): readonly (readonly [action: z.output<typeof action>, document: object])[] {
  if (!body.endsWith('\n')) throw new Error('The bulk request must be terminated by a newline [\\n]');
  const lines: object[] = body
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  const pairs: (readonly [z.output<typeof action>, object])[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const head = action.parse(lines[at]);
    if ('delete' in head) pairs.push([head, {}]);
    else pairs.push([head, z.looseObject({}).parse(lines[(at += 1)])]);
  }
  return pairs;
}
