/** Random records for `query-differential.fuzz.ts`, made of pieces that have caused trouble. */
import type { Row, RowContext } from '@sillok/query';
import { ENVELOPE_IDS, KINDS, KNOWN_ATTRIBUTES, LEVELS } from '@sillok/record';
import type { FlatAttributes, FlatRecord, FlatValue } from '@sillok/record';

export interface Random {
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
  chance(probability: number): boolean;
}

/** mulberry32: small, seeded, good enough. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    chance: (probability) => next() < probability,
    pick: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new Error('nothing to pick from');
      return found;
    },
  };
}

export const WORDS = [
  'login',
  'Log',
  'logs',
  'failed',
  'FAILED',
  'timeout',
  'a',
  'ok',
  'ord-12',
  'user_id',
  'x1',
  '500',
  '12.5',
  'GET',
  '/api/pay',
  '로그인',
  '카카오로그인',
  '로그인failed',
  '실패',
  '사용자가',
  '결제failed결제',
  '가',
  '日本語',
  'テスト',
  'café',
  'CAFÉ',
  'naïve',
  'Привет',
  'ПРИВЕТ',
  'ΟΔΟΣ',
  'οδος',
  'İstanbul',
  'ﬁn',
  'ẞ',
  'ß',
  'K',
  '✅',
  '✅✅',
  '₩5000',
  '—',
  '“q”',
  '😀',
  '𐐀',
  '𐐨',
  '…',
];
const SEPARATORS = [
  ' ',
  ' ',
  ' ',
  '',
  '-',
  '_',
  '.',
  ', ',
  '\n',
  '\t',
  '　',
  '/',
  ':',
  '—',
  '\u00a0',
  '"',
  '\\',
  '%',
  "'",
  '\0',
];
export const SCALARS: readonly FlatValue[] = [
  0,
  1,
  5,
  7,
  -7,
  12.5,
  100,
  1e3,
  1e21,
  1e-7,
  5e-324,
  1.7976931348623157e308,
  0.1,
  0.30000000000000004,
  9007199254740991,
  123456789.12345679,
  true,
  false,
  null,
  '',
  '7',
  '7.0',
  '007',
  '+7',
  '-7',
  ' 5',
  '5 ',
  '0x10',
  '1e3',
  '1E3',
  '1e400',
  '-1e400',
  '1e-400',
  '.5',
  '5.',
  '-0',
  '0',
  '-',
  'NaN',
  'nan',
  'inf',
  'Infinity',
  'true',
  'null',
  '[1]',
  '{"a":1}',
  '"quoted"',
  '"',
  '\\',
  '\\"',
  '%',
  '_',
  '*',
  '?',
  'a*b',
  'a%b',
  'a_b',
  'a\\b',
  "it's",
  'line\nbreak',
  'tab\t',
  '한글',
  '\ue000',
  '\uffff',
  '😀',
  'zz\0z',
  '`',
  '{p1:String}',
  "'; DROP",
  '0.1000000000000000055511151231257827',
  '123456789012345678901234567890',
  '3.141592653589793238462643383279',
  '2.2250738585072011e-308',
  '1797693134862315700000000000000000000000000000000000000000000000000000000000000',
  '0.000000000000000000000000000001234567890123456789',
  [],
  ['a'],
  [1, 'x', null],
  {},
];
export const KEYS = [
  'a',
  'b',
  'a.b',
  'a\\.b',
  'order.id',
  '__proto__',
  'constructor',
  'toString',
  '키',
  'with space',
  'q"k',
  'back\\\\slash',
  'has',
  'message',
  '',
  'resource.x',
  "a'b",
  'k%',
];
const PRODUCERS = ['orders-1', 'Orders-1', '주문', '\ue000', '😀', 'a', 'a-'];

function randomText(random: Random, wordsMax: number): string {
  let text = '';
  for (let count = random.below(wordsMax + 1); count > 0; count -= 1)
    text += random.pick(WORDS) + random.pick(SEPARATORS);
  return text;
}

function randomValue(random: Random): FlatValue {
  if (random.chance(0.6)) return random.pick(SCALARS);
  if (random.chance(0.3)) return randomNumber(random);
  return random.chance(0.3) ? String(randomNumber(random)) : randomText(random, 3);
}

export function randomNumber(random: Random): number {
  const exponent = random.below(40) - 20;
  return (random.chance(0.5) ? 1 : -1) * random.below(1_000_000) * 10 ** exponent;
}

function randomAttributes(random: Random): FlatAttributes | undefined {
  const count = random.below(5);
  if (count === 0) return undefined;
  // As record/flatten makes it: without a prototype.
  const attributes = Object.create(null) as FlatAttributes;
  for (let index = 0; index < count; index += 1) {
    const value = randomValue(random);
    // -0 has no text of its own in JSON.
    attributes[random.pick(KEYS)] = Object.is(value, -0) ? 0 : value;
  }
  return attributes;
}

function randomTime(random: Random): string {
  const second = String(random.below(3)).padStart(2, '0');
  const ns = random.pick([
    '000000000',
    '000000001',
    '999999999',
    '500000000',
    String(random.below(1e9)).padStart(9, '0'),
  ]);
  const day = random.chance(0.1) ? '20' : '21';
  return `2026-11-${day}T10:00:${second}.${ns}Z`;
}

const ID_VALUES = [
  'abcdef0123456789',
  'login',
  '500',
  '0'.repeat(32),
  '한글한글한글한글',
  'a b',
  '7',
  'ABCDEF0123456789',
];

function randomRecord(random: Random, seq: number): FlatRecord {
  const record: FlatRecord = {
    seq,
    time: randomTime(random),
    kind: random.pick(KINDS),
    level: random.pick(LEVELS),
    message: randomText(random, 5),
  };
  for (const id of ENVELOPE_IDS) if (random.chance(0.2)) record[id] = random.pick(ID_VALUES);
  for (const { name, type } of KNOWN_ATTRIBUTES) {
    if (!random.chance(0.2)) continue;
    if (type === 'float64')
      record[name] = random.chance(0.5) ? random.below(1000) / 4 : Math.abs(randomNumber(random));
    else if (type === 'uint16') record[name] = random.pick([1, 200, 404, 500, 503, 65_535]);
    else record[name] = randomText(random, 2) || 'x';
  }
  const attributes = randomAttributes(random);
  if (attributes) record.attributes = attributes;
  return record;
}

export function randomRows(random: Random, count: number): Row[] {
  const contexts = Array.from({ length: 4 }, (): RowContext => ({
    project: 'shop',
    producer: random.pick(PRODUCERS),
    boot: random.pick(['b1', 'b2', 'B1']),
    observed_time: '2026-11-21T10:00:05.000000000Z',
    resource: {
      ...(random.chance(0.7) ? { 'service.name': random.pick(['orders', '주문', '7', 'a*b']) } : {}),
      ...(random.chance(0.7) ? { 'service.version': random.pick(['1.4.0', '2', '10']) } : {}),
      ...(random.chance(0.7) ? { 'k8s.pod': random.pick(['x', '"q"', 'a\\b', '5', '한글', 'true']) } : {}),
      ...(random.chance(0.5) ? { n: random.pick([5, 1.5, -3, true, false]) } : {}),
    },
  }));
  return Array.from({ length: count }, (_unused, index) => ({
    record: randomRecord(random, index + 1),
    context: random.pick(contexts),
  }));
}
