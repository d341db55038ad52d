/** Source maps: what is kept of them, which frame finds which, and what is refused. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { body, line, ServerUnderTest } from '../server.fixture.js';
import { componentAt, parseMap } from './map-parse.js';

const server = new ServerUnderTest();
beforeAll(() => server.start());
afterAll(() => server.dispose());

/** Line 1 of the bundle is line 3 of the source, column by column; `pay` is the name at column 10. */
const MAP = {
  version: 3,
  sources: ['webpack://shop/./src/Cart.tsx'],
  names: ['pay'],
  mappings: 'AAEA,UAAUA',
  sourcesContent: ['const RATE = 1;\nexport function Cart() {\n  pay();\n}\nSECRET_SOURCE'],
};

function upload(release: string, map: unknown = MAP, file = 'assets/app.js'): Promise<Response> {
  const query = new URLSearchParams({ app: 'shop', release, file });
  const text = typeof map === 'string' ? map : JSON.stringify(map);
  const headers = { 'content-encoding': 'gzip' };
  return server.post(`/api/browser/source-maps?${query}`, new Uint8Array(gzipSync(text)), headers);
}

let pages = 0;
async function throwAt(release: string, frames: readonly string[]): Promise<Record<string, unknown>> {
  const producer = `page-${(pages += 1)}`;
  const stack = `TypeError: no cart\n${frames.map((frame) => `    at ${frame}`).join('\n')}`;
  const attributes = { 'exception.stacktrace': stack, 'exception.type': 'TypeError' };
  const resource = { 'service.name': 'shop', 'service.version': release };
  const sent = body({ producer, boot: 'b', ...{ resource } }, [line(1, { kind: 'event', attributes })]);
  expect((await server.post('/v1/browser', sent)).status).toBe(200);
  const [row] = await server.select(`SELECT "exception.stacktrace", attributes['browser.stacktrace'],
    attributes['browser.component'] FROM records WHERE producer = 'browser/default/${producer}'`);
  const [original, resolved, component] = row ?? [];
  return { original, resolved, component };
}

describe('frames of a release', () => {
  test('are resolved on the server, with the component, and the original stays', async () => {
    expect((await upload('1.0.0')).status).toBe(201);
    const frames = [
      'a (https://cdn.shop.example/assets/app.js?v=1:1:1)',
      'https://cdn.shop.example/assets/app.js:1:11',
    ];
    expect(await throwAt('1.0.0', frames)).toEqual({
      original: `TypeError: no cart\n    at ${frames[0]}\n    at ${frames[1]}`,
      resolved: 'TypeError: no cart\n    at pay (src/Cart.tsx:3:1)\n    at src/Cart.tsx:3:11',
      component: 'Cart',
    });
  });

  test('are found by the name of the file where the path differs, if only one has it', async () => {
    await upload('1.1.0', MAP, 'build/app.js');
    expect(await throwAt('1.1.0', ['a (https://shop.example/static/app.js:1:1)'])).toMatchObject({
      component: 'Cart',
    });
    await upload('1.1.0', MAP, 'other/app.js');
    expect(await throwAt('1.1.0', ['a (https://shop.example/static/app.js:1:1)'])).toMatchObject({
      resolved: '',
    });
  });

  test('of another release, or of no place in the file, stay what they are', async () => {
    const frames = ['a (https://shop.example/assets/app.js:1:1)'];
    expect(await throwAt('9.9.9', frames)).toMatchObject({ resolved: '', component: '' });
    expect(
      await throwAt('1.0.0', ['a (https://shop.example/assets/app.js:0:0)', 'at nothing']),
    ).toMatchObject({
      resolved: '',
    });
  });

  test('a batch that was sent before the maps came and again after them is no conflict', async () => {
    const attributes = {
      'exception.stacktrace': 'Error: x\n    at a (https://shop.example/assets/app.js:1:1)',
    };
    const resource = { 'service.name': 'shop', 'service.version': '2.0.0' };
    const sent = body({ producer: 'early', boot: 'b', ...{ resource } }, [line(1, { attributes })]);
    await server.post('/v1/browser', sent);
    await upload('2.0.0');
    expect(await (await server.post('/v1/browser', sent)).json()).toMatchObject({ known: 1, rejected: [] });
  });

  test('survive a restart, hold no source code, are listed and removed', async () => {
    await server.stop();
    await server.start();
    expect(await throwAt('1.0.0', ['a (https://shop.example/assets/app.js:1:1)'])).toMatchObject({
      component: 'Cart',
    });
    const folder = join(server.directory, 'source-maps');
    const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    expect(kept.length).toBeGreaterThan(1);
    expect(kept.join('')).not.toContain('SECRET_SOURCE');
    const headers = { authorization: `Bearer ${server.running.devKey}` };
    const url = `${server.running.url}/api/browser/source-maps`;
    const listed = await (await fetch(url, { headers })).json();
    expect(listed).toMatchObject({
      releases: expect.arrayContaining([expect.objectContaining({ release: '1.0.0' })]),
    });
    const remove = () => fetch(`${url}?app=shop&release=1.0.0`, { method: 'DELETE', headers });
    expect([(await remove()).status, (await remove()).status]).toEqual([200, 404]);
    expect(await throwAt('1.0.0', ['a (https://shop.example/assets/app.js:1:1)'])).toMatchObject({
      resolved: '',
    });
  });
});

describe('what is refused', () => {
  test.each<readonly [string, unknown]>([
    ['no JSON', 'hello'],
    ['no map', { a: 1 }],
    ['another version', { ...MAP, version: 2 }],
    ['mappings that are none', { ...MAP, mappings: '!!!!' }],
    ['sections', { ...MAP, sections: [] }],
    ['null', 'null'],
  ])('%s', async (_name, map) => {
    const response = await upload('3.0.0', map);
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'source_map_invalid' } },
    ]);
  });

  test('a name that would leave the folder is only a name', async () => {
    expect((await upload('../../3.1.0', MAP, '../../../../etc/passwd')).status).toBe(201);
    expect((await upload('', MAP)).status).toBe(400);
  });
});

test('a component is the nearest declaration with a capital letter above the line', () => {
  const text = [
    'const MAX = 1',
    'function helper() {}',
    'export default class Shop {',
    '}',
    'const Cart = () => {',
    '',
  ].join('\n');
  const parsed = parseMap(
    JSON.stringify({ version: 3, sources: ['a'], mappings: '', sourcesContent: [text] }),
  );
  const declared = parsed.ok ? parsed.map.components[0] : undefined;
  expect([1, 3, 4, 6].map((at) => componentAt(declared, at))).toEqual([undefined, 'Shop', 'Shop', 'Cart']);
});
