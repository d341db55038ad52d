/**
 * Order and gaps: many records with one and the same timestamp from three senders, shuffled, with one in a hundred
 * withheld. Ascending must be the exact reverse of descending, and `gaps` must name exactly what was withheld.
 * CI runs 60,000; `SILLOK_ORDER_RECORDS=1000000` is the long form.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postUntilTaken, recordLine, timeAt, type Producer } from './lib/native.js';
import { startTestServer, until, type TestServer } from './lib/server.js';

const senders = 3;
const wanted = Number(process.env['SILLOK_ORDER_RECORDS'] ?? 60_000);
const total = wanted - (wanted % senders);
const batchRecords = 2000;
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

/** Deterministic shuffle: a failing run can be repeated. */
function shuffle<T>(list: T[], seed: number): T[] {
  let state = seed;
  for (let i = list.length - 1; i > 0; i -= 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}

test('one timestamp, three senders, shuffled, 1 % withheld', async () => {
  const time = timeAt(Date.now(), 0);
  const perSender = total / senders;
  const withheld = new Map<string, number[]>();
  const sendAll = async (index: number): Promise<void> => {
    const producer: Producer = { producer: `order-${index}`, boot: `boot-${index}`, service: 'order' };
    const isWithheld = (seq: number): boolean => (seq * 7 + index) % 100 === 50 && seq > 1 && seq < perSender;
    const all = Array.from({ length: perSender }, (_, i) => i + 1);
    withheld.set(producer.producer, all.filter(isWithheld));
    const seqs = shuffle(
      all.filter((seq) => !isWithheld(seq)),
      index + 1,
    );
    for (let from = 0; from < seqs.length; from += batchRecords) {
      const lines = seqs.slice(from, from + batchRecords).map((seq) => recordLine(seq, time));
      const verdict = await postUntilTaken(server, producer, lines);
      expect(verdict.rejected).toEqual([]);
    }
  };
  await Promise.all(Array.from({ length: senders }, (_, index) => sendAll(index)));

  const expected = total - [...withheld.values()].reduce((sum, list) => sum + list.length, 0);
  const range = { from: '-1h', q: 'service.name:order', limit: '1000' };
  await until(
    'everything is visible',
    120_000,
    async () => (await server.search(range)).freshness.lag_ms === 0,
  );

  const key = (r: { producer: string; seq: number }): string => `${r.producer}/${r.seq}`;
  const ascending = (await server.searchAll({ ...range, order: 'asc' })).map(key);
  const descending = (await server.searchAll({ ...range, order: 'desc' })).map(key);
  expect(ascending.length).toBe(expected);
  expect(new Set(ascending).size).toBe(expected);
  expect(ascending).toEqual(descending.toReversed());

  const sorted = ascending.map((each) => ({ sender: each.split('/')[0], seq: Number(each.split('/')[1]) }));
  for (let i = 1; i < sorted.length; i += 1) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (a.sender === b.sender && a.seq >= b.seq) throw new Error(`out of order at ${i}`);
  }

  const named = new Map<string, number[]>();
  for (const gap of (await server.search({ ...range, limit: '1' })).gaps) {
    const list = named.get(gap.producer) ?? [];
    for (let seq = gap.from; seq <= gap.to; seq += 1) list.push(seq);
    named.set(gap.producer, list);
  }
  const sort = (map: Map<string, number[]>): [string, number[]][] =>
    [...map]
      .map(([name, list]): [string, number[]] => [name, list.toSorted((a, b) => a - b)])
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
  expect(sort(named)).toEqual(sort(withheld));
}, 900_000);
