/** What goes out with every file of the console: a policy under which no text of a record can become a program. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ServerUnderTest } from '../server.fixture.js';

const server = new ServerUnderTest();
beforeAll(() => server.start().then(() => undefined));
afterAll(() => server.dispose());

const isBuilt = existsSync(fileURLToPath(new URL('../../../console/dist/index.html', import.meta.url)));

/** `script-src 'self'` → `['script-src', "'self'"]`. */
function directivesOf(header: string | null): Map<string, string> {
  const parts = (header ?? '').split(';').map((part) => part.trim());
  return new Map(parts.map((part) => [part.split(' ')[0] ?? '', part.split(' ').slice(1).join(' ')]));
}

describe.skipIf(!isBuilt)('files of the console (needs its build)', () => {
  test('the start page, a deep page and a script come under the policy, and nothing of them is inline', async () => {
    const page = await (await fetch(`${server.running.url}/`)).text();
    const script = /<script[^>]+src="([^"]+)"/.exec(page)?.[1] ?? '';
    expect(script).toMatch(/^\/assets\//);
    for (const path of ['/', '/search', '/trace/0af7651916cd43dd8448eb211c80319c', '/alerts', script]) {
      const answer = await fetch(server.running.url + path);
      expect([path, answer.status]).toEqual([path, 200]);
      const policy = directivesOf(answer.headers.get('content-security-policy'));
      expect(policy.get('default-src')).toBe("'none'");
      expect(policy.get('script-src')).toBe("'self'");
      expect(policy.get('style-src')).toBe("'self'");
      expect(policy.get('connect-src')).toBe("'self'");
      expect(policy.get('base-uri')).toBe("'none'");
      expect(policy.get('frame-ancestors')).toBe("'none'");
      expect([...policy.values()].join(' ')).not.toMatch(/unsafe|https?:|\*|data:|blob:/);
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=|https?:\/\//i);
  });
});
