/** What a browser loads before the first page is drawn: measured on the built console, as its files name each other. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { root } from '../lib/server.js';

const INITIAL_BYTES_MAX = 250_000;
const dist = join(root, 'apps', 'console', 'dist');
const assets = join(dist, 'assets');

/** A script and everything that it imports at once; what it imports on demand is not loaded yet. */
function loadedWith(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(join(assets, file), 'utf8');
  for (const match of text.matchAll(/(?:from|import)\s*["']\.\/([^"']+\.js)["']/g)) {
    if (match[1] !== undefined) loadedWith(match[1], seen);
  }
  return seen;
}

const sizeOf = (file: string): number => gzipSync(readFileSync(join(assets, file))).byteLength;

test.skipIf(!existsSync(dist))(
  'the frame with any one of the first pages loads at most 250 kB of gzipped script',
  () => {
    const entry = /assets\/([^"]+\.js)/.exec(readFileSync(join(dist, 'index.html'), 'utf8'))?.[1] ?? '';
    const first = /^page-/;
    const pages = readdirSync(assets).filter((file) => first.test(file) && file.endsWith('.js'));
    expect(pages.length).toBeGreaterThan(2);
    for (const page of pages) {
      const files = loadedWith(page, loadedWith(entry));
      const total = [...files].reduce((sum, file) => sum + sizeOf(file), 0);
      expect(total, page).toBeLessThanOrEqual(INITIAL_BYTES_MAX);
    }
  },
);
