/**
 * The browser SDK as files, for pages without a bundler: `<script type="module">` imports `/v1/browser/sdk/sillok-browser.js`
 * from here. Read at start: there are few, and no name from outside is ever looked up on the disk.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { FastifyInstance } from 'fastify';

import { notFound } from '../errors.js';
import { SDK_FOLDER } from './filenames.js';

export function registerSdkFiles(app: FastifyInstance): void {
  const files = readFiles(join(dirname(fileURLToPath(import.meta.url)), ...SDK_FOLDER));
  app.get<{ Params: { file: string } }>('/v1/browser/sdk/:file', (request, reply) => {
    const text = files.get(request.params.file);
    if (text === undefined)
      throw notFound(
        `There is no file "${request.params.file}" of the SDK.`,
        `There are: ${[...files.keys()].join(', ')}.`,
      );
    // Modules of another origin are loaded by CORS; these hold nothing of anybody.
    return reply
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', 'public, max-age=300')
      .type('text/javascript; charset=utf-8')
      .send(text);
  });
}

function readFiles(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map();
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
