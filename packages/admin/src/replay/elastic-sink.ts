/** An index that speaks Elasticsearch's HTTP as the second database. */
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { REPLAY_CALL_MS_MAX, SINK_IDS_PAGE } from '../limits.js';
import type { Sink } from './define.js';

export interface ElasticSinkOptions {
  /** `https://search.internal:9200` */
  readonly url: string;
  readonly index: string;
  /** `{ authorization: 'ApiKey …' }` */
  readonly headers?: Readonly<Record<string, string>>;
}

const multiShape = z.object({
  docs: z.array(
    z.object({
      _id: z.string(),
      found: z.boolean().default(false),
      _source: z.looseObject({}).optional(),
      error: z.unknown().optional(),
    }),
  ),
});
const hitsShape = z.object({
  _scroll_id: z.string().optional(),
  timed_out: z.boolean().default(false),
  hits: z.object({ hits: z.array(z.looseObject({ _id: z.string() })) }),
  _shards: z.looseObject({ failed: z.number() }).optional(),
});
const bulkShape = z.object({
  items: z.array(
    z.record(
      z.string(),
      z.looseObject({ _id: z.string().nullish(), status: z.number(), error: z.unknown().optional() }),
    ),
  ),
});

/** Elasticsearch, OpenSearch, and what speaks like them: `_mget`, and `_bulk` with whole documents. */
export function elasticSink({ url, index, headers = {} }: ElasticSinkOptions): Sink {
  const root = url.replace(/\/+$/, '');
  const own = encodeURIComponent(index);
  const call = async <T>(path: string, { body, type, shape, method = 'POST' }: Call<T>): Promise<T> => {
    const { status, text } = await fetch(`${root}/${path}`, {
      method,
      body,
      headers: { 'content-type': type, ...headers },
      signal: AbortSignal.timeout(REPLAY_CALL_MS_MAX),
    })
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch((cause: unknown) => {
        throw sinkFailed(index, cause instanceof Error ? cause.message : String(cause));
      });
    const answer = status < 300 ? shape.safeParse(jsonOf(text)) : undefined;
    if (answer?.success !== true) throw sinkFailed(index, `${status} ${text.slice(0, 300)}`);
    return answer.data;
  };
  return {
    name: `index ${index}`,
    async read(ids) {
      const asked = { body: JSON.stringify({ ids }), type: 'application/json', shape: multiShape };
      const { docs } = await call(`${own}/_mget`, asked);
      // Not to know what is there is something else than to know that nothing is.
      const unknown = docs.find(({ error }) => error !== undefined);
      if (unknown !== undefined) throw sinkFailed(index, reasonOf(unknown));
      return new Map(docs.filter((each) => each.found).map(({ _id, _source }) => [_id, _source ?? {}]));
    },
    async write(writes) {
      const lines = writes.flatMap(({ id, document }) =>
        document === undefined ? [{ delete: { _id: id } }] : [{ index: { _id: id } }, document],
      );
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      const asked = { body, type: 'application/x-ndjson', shape: bulkShape };
      const { items } = await call(`${own}/_bulk?refresh=wait_for`, asked);
      if (items.length !== writes.length)
        throw sinkFailed(index, `it answered for ${items.length} of ${writes.length}`);
      // It answers in the order of the writes.
      const answers = items.flatMap((item, at) =>
        Object.entries(item).map(
          ([action, each]) => [action, { ...each, _id: writes[at]?.id ?? '' }] as const,
        ),
      );
      const failed = answers.filter(isFailed);
      const away = failed.filter(([, { status }]) => !REFUSES_DOCUMENT.has(status));
      const [first] = away;
      if (first === undefined)
        return failed.map(([, item]) => ({ id: item._id, reason: textOf(item.error) }));
      const more = away.length === 1 ? '' : ` and ${away.length - 1} more`;
      throw sinkFailed(index, `${reasonOf(first[1])}${more}`);
    },
    ids: () => scrolled({ index, own, call }),
  };
}

interface Scrolling {
  readonly index: string;
  readonly own: string;
  readonly call: <T>(path: string, call: Call<T>) => Promise<T>;
}

/** All ids, by the scroll interface: Elasticsearch and OpenSearch both have it, and it sees the index as it was at its beginning. */
async function* scrolled({ index, own, call }: Scrolling): AsyncGenerator<readonly string[]> {
  const asked = (body: object) => ({ body: JSON.stringify(body), type: 'application/json' });
  const first = asked({ size: SINK_IDS_PAGE, _source: false, sort: ['_doc'], query: { match_all: {} } });
  let page = await call(`${own}/_search?scroll=1m`, { ...first, shape: hitsShape });
  let scroll: string | undefined;
  try {
    for (;;) {
      // A part that did not answer is not a part that has nothing.
      if (page.timed_out || (page._shards?.failed ?? 0) > 0)
        throw sinkFailed(index, 'some of its shards did not answer');
      const ids = page.hits.hits.map(({ _id }) => _id);
      scroll = page._scroll_id ?? scroll;
      if (ids.length === 0) return;
      yield ids;
      if (scroll === undefined) throw sinkFailed(index, 'it gave no way to read on');
      page = await call('_search/scroll', {
        ...asked({ scroll: '1m', scroll_id: scroll }),
        shape: hitsShape,
      });
    }
  } finally {
    // It ends by itself within the minute, if this does not reach it.
    const end = { ...asked({ scroll_id: scroll }), method: 'DELETE', shape: z.unknown() } as const;
    if (scroll !== undefined) await call('_search/scroll', end).catch(() => undefined);
  }
}

interface Call<T> {
  readonly body: string;
  readonly type: string;
  readonly shape: z.ZodType<T>;
  readonly method?: 'POST' | 'DELETE';
}

interface Item {
  readonly _id?: string | null | undefined;
  readonly status: number;
  readonly error?: unknown;
}

/** It does not fit the mapping, or is too large: that one document is at fault, and not the index. */
const REFUSES_DOCUMENT: ReadonlySet<number> = new Set([400, 413]);

/** To delete what is not there is as it should be; a 404 with an error is an index that is not there. */
function isFailed([action, { status, error }]: readonly [string, Item]): boolean {
  const isGone = action === 'delete' && status === 404 && error === undefined;
  return status >= 300 && !isGone;
}

function reasonOf({ _id, error }: Pick<Item, '_id' | 'error'>): string {
  return `${_id ?? 'an item'}: ${textOf(error)}`;
}

function textOf(error: unknown): string {
  return (JSON.stringify(error) ?? 'no reason given').slice(0, 300);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sinkFailed(index: string, reason: string): ScriptError {
  return new ScriptError(
    'sink_failed',
    `The index ${index} did not take it: ${reason}.`,
    'What was written before is right. Run it again when the cause is mended.',
  );
}
