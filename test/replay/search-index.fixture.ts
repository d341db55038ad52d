/**
 * A stand-in for Elasticsearch: multi get, bulk, scroll. It refuses what `elastic-wire.ts` does not know as a request, and fails
 * when one of its own answers is none.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bulkLines, CALLS, refusal, type Call } from './elastic-wire.js';

interface Index {
  readonly server: Server;
  readonly url: string;
  readonly documents: Map<string, object>;
  /** Ids of documents that it does not take. */
  refuses: string;
  /** What was asked for that the interface does not know: a test looks that there is nothing. */
  readonly misunderstood: string[];
  /** Searches that are kept open. */
  readonly scrolls: Map<string, string[]>;
}

const INDEX = 'orders';
const SHARDS = { total: 1, successful: 1, failed: 0 };
const DONE = { _shards: SHARDS, _version: 1, _seq_no: 0, _primary_term: 1 };

export async function startIndex(): Promise<Index> {
  const state = { documents: new Map<string, object>(), refuses: '', misunderstood: [], scrolls: new Map() };
  const index: Omit<Index, 'server' | 'url'> = state;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
    request.on('end', () => {
      const { status, text } = answerTo(index, request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Bound to an address, so it is no pipe.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(state, { server, url });
}

type State = Omit<Index, 'server' | 'url'>;

function answerTo(index: State, request: IncomingMessage, body: string): { status: number; text: string } {
  try {
    const [name, call] = callOf(request);
    const parsed = name === 'bulk' ? bulkLines(body) : call.body.parse(JSON.parse(body));
    // Each of them takes what its own shape has let in.
    const answer = call.answer.parse(WORK[name](index, parsed as never));
    return { status: 200, text: JSON.stringify(answer) };
  } catch (error) {
    const reason = `${request.method} ${request.url}: ${error instanceof Error ? error.message : String(error)}`;
    index.misunderstood.push(reason);
    const refused = refusal.parse({ status: 400, error: { type: 'illegal_argument_exception', reason } });
    return { status: 400, text: JSON.stringify(refused) };
  }
}

function callOf({ method = '', url = '', headers }: IncomingMessage): [keyof typeof CALLS, Call] {
  const address = new URL(url, 'http://index');
  for (const [name, call] of Object.entries(CALLS)) {
    const fits: Call = call;
    if (!fits.methods.includes(method) || !fits.path.test(address.pathname)) continue;
    if (headers['content-type'] !== fits.type) throw new Error(`Content-Type ${headers['content-type']}`);
    const unknown = [...address.searchParams.keys()].find((each) => !fits.parameters.includes(each));
    if (unknown !== undefined) throw new Error(`unrecognized parameter [${unknown}]`);
    // A name of this object.
    return [name as keyof typeof CALLS, fits];
  }
  throw new Error('no handler found');
}

/** Bodies as the shapes of `elastic-wire.ts` have let them in. */
const WORK: Readonly<Record<keyof typeof CALLS, (index: State, body: never) => object>> = {
  mget: ({ documents }, { ids }: { ids: string[] }) => ({
    docs: ids.map((_id) => {
      const found = { _index: INDEX, _id, found: documents.has(_id) };
      const _source = documents.get(_id);
      return _source === undefined ? found : { ...found, _version: 1, _seq_no: 0, _primary_term: 1, _source };
    }),
  }),
  bulk: (index, pairs: ReturnType<typeof bulkLines>) => {
    const items = pairs.map((pair) => written(index, pair));
    return { took: 1, errors: items.some((item) => JSON.stringify(item).includes('"error"')), items };
  },
  search: ({ documents, scrolls }, { size }: { size: number }) => {
    const id = `scroll-${scrolls.size + 1}`;
    const ids = [...documents.keys()];
    scrolls.set(id, ids.slice(size));
    return hits(id, ids.slice(0, size));
  },
  scroll: ({ scrolls }, { scroll_id: id }: { scroll_id: string }) => {
    const ids = scrolls.get(id) ?? [];
    scrolls.set(id, []);
    return hits(id, ids);
  },
  clearScroll: ({ scrolls }, { scroll_id: id }: { scroll_id: string }) => ({
    succeeded: scrolls.delete(id),
    num_freed: 1,
  }),
};

function hits(id: string, ids: readonly string[]): object {
  const found = ids.map((_id) => ({ _index: INDEX, _id, _score: null, sort: [0] }));
  return { took: 1, timed_out: false, _scroll_id: id, _shards: SHARDS, hits: { hits: found } };
}

function written(index: State, [head, document]: ReturnType<typeof bulkLines>[number]): object {
  const { documents } = index;
  if ('delete' in head) {
    const { _id } = head.delete;
    const wasThere = documents.delete(_id);
    const [status, result] = wasThere ? [200, 'deleted'] : [404, 'not_found'];
    return { delete: { _index: INDEX, _id, status, result, ...DONE } };
  }
  const _id = ('index' in head ? head.index._id : head.create._id) ?? 'made-up';
  if (_id === index.refuses) {
    const error = { type: 'document_parsing_exception', reason: 'failed to parse field [amount]' };
    return { index: { _index: INDEX, _id, status: 400, error } };
  }
  const [status, result] = documents.has(_id) ? [200, 'updated'] : [201, 'created'];
  documents.set(_id, document);
  return { index: { _index: INDEX, _id, status, result, ...DONE } };
}
