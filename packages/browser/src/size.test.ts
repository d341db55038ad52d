/** What a page has to load, measured with the bundler and the compression that pages are served with. */
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bundle } from '../bundle.mjs';

const CORE_GZIP_BYTES_MAX = 8_000;

test('the core is at most 8 kB gzipped: errors, events, clicks, requests, storm breaker, queue', async () => {
  const chunks = await bundle();
  const entry = chunks.find(({ fileName }) => fileName === 'sillok-browser.js');
  // What the entry imports at once is loaded with it; what it imports later is not.
  const core = chunks.filter(
    ({ fileName }) => fileName === entry?.fileName || entry?.imports.includes(fileName),
  );
  const bytes = core.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
  expect(bytes).toBeGreaterThan(1_000);
  expect(bytes).toBeLessThanOrEqual(CORE_GZIP_BYTES_MAX);
});
