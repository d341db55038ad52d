/** A webhook that is away in every way that there is, while errors go on: nothing is lost, and what is told in the end is one message. */
import type { AlertShape } from '@sillok/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ClockedServer, minute } from './clocked.fixture.js';

const clocked = new ClockedServer();
let port = 0;

beforeAll(async () => {
  await clocked.start();
  port = clocked.hookPort;
});
afterAll(() => clocked.dispose());

async function alertOf(service: string): Promise<AlertShape | undefined> {
  const { body } = await clocked.ask('GET', '/api/alerts');
  // The answer of GET /api/alerts.
  return (body['alerts'] as AlertShape[]).find(({ services }) => services.includes(service));
}

const ways = [
  {
    how: 'refuses connections',
    says: /ECONNREFUSED/,
    leave: () => clocked.hook.stop(),
    comeBack: () => clocked.hook.start(port),
  },
  {
    how: 'answers 500',
    says: /it answered 500/,
    leave: () => void (clocked.hook.answer = () => 500),
    comeBack: () => void (clocked.hook.answer = () => 200),
  },
  {
    how: 'takes it and says nothing',
    says: /no answer within 15 s/,
    leave: () => void (clocked.hook.isMute = true),
    comeBack: () => void (clocked.hook.isMute = false),
  },
];

describe.each(ways)('a target that $how', ({ how, says, leave, comeBack }) => {
  test(
    'is said to fail and why; then it gets one message that counts everything',
    { timeout: 60_000 },
    async () => {
      const service = how.split(' ')[0] ?? '';
      const record = { level: 'error', message: 'connect ECONNREFUSED 10.0.0.9:5432' } as const;
      leave();
      await clocked.arrives({ service, seqs: [1, 2, 3], record });
      expect(await clocked.told(service)).toEqual([]);
      const [delivery] = (await alertOf(service))?.deliveries ?? [];
      expect(delivery).toMatchObject({ state: 'failing', error: expect.stringMatching(says) });
      const seqs = Array.from({ length: 97 }, (_, index) => index + 4);
      await clocked.arrives({ service, seqs, record });
      await comeBack();
      clocked.nowMs += minute;
      const [text = '', ...others] = await clocked.told(service);
      expect(others).toEqual([]);
      expect(text).toMatch(/^🔴 \*New · dependency fails/);
      expect(text).toContain('100 times');
      // It went unnoticed for as long as nobody could be told.
      clocked.nowMs += 3 * minute;
      const [, end = ''] = await clocked.told(service);
      expect(end).toMatch(/^✅ \*Resolved .*\n.*\n.*went unnoticed for 1 min/);
      expect((await alertOf(service))?.deliveries).toMatchObject([{ state: 'sent', error: null }]);
    },
  );
});
