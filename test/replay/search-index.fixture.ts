/** As much of Elasticsearch as a sink uses: `_mget` and `_bulk`. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Index {
  readonly server: Server;
  readonly url: string;
  readonly documents: Map<string, object>;
  refuses: string;
}

export async function startIndex(): Promise<Index> {
  const documents = new Map<string, object>();
  const index = { documents, refuses: '' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (piece: Buffer) => (body += piece.toString('utf8')));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(request.url?.includes('_mget') === true ? mget(body) : bulk(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // Bound to an address, so it is no pipe.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return Object.assign(index, { server, url });

  function mget(body: string): object {
    const { ids }: { ids: string[] } = JSON.parse(body);
    return {
      docs: ids.map((id) => {
        const source = documents.get(id);
        return source === undefined ? { _id: id, found: false } : { _id: id, found: true, _source: source };
      }),
    };
  }

  function bulk(body: string): object {
    const lines: Record<string, { _id: string }>[] = body
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const items: object[] = [];
    for (let at = 0; at < lines.length; at += 1) {
      const { index: put, delete: gone } = lines[at] ?? {};
      if (gone !== undefined) {
        items.push({ delete: { _id: gone._id, status: documents.delete(gone._id) ? 200 : 404 } });
        continue;
      }
      at += 1;
      const id = put?._id ?? '';
      if (id === index.refuses)
        items.push({ index: { _id: id, status: 400, error: { type: 'mapper_parsing' } } });
      else {
        documents.set(id, lines[at] ?? {});
        items.push({ index: { _id: id, status: 200 } });
      }
    }
    return { errors: false, items };
  }
}
