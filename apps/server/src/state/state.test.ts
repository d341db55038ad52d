import { afterAll, beforeAll, expect, test } from 'vitest';

import { line, ServerUnderTest } from '../server.fixture.js';

const server = new ServerUnderTest();
beforeAll(() => server.start());
afterAll(() => server.dispose());

test('gaps are asked for in times of any precision', async () => {
  await server.verdict({ producer: 'p', boot: 'b' }, [line(1), line(2), line(4)]);
  const day = { project: 'default', limit: 10 };
  for (const [from, to] of [
    ['2026-11-21T09:00:00.123Z', '2026-11-21T11:00:00Z'],
    ['2026-11-21T09:00:00.123456789Z', '2026-11-21T11:00:00.000Z'],
  ] as const) {
    const gaps = server.running.deps.state.gaps({ ...day, from, to });
    expect(gaps).toEqual([{ producer: 'p', boot: 'b', from: 3, to: 3 }]);
  }
});
