/** Random search texts for `query-differential.fuzz.ts`: most are valid, and most values are those of some record. */
import type { Row } from '@sillok/query';
import { ENVELOPE_IDS, KINDS, KNOWN_ATTRIBUTES, LEVELS } from '@sillok/record';
import { KEYS, randomNumber, SCALARS, WORDS, type Random } from './fuzz-records.js';

const FIELDS = [
  'level',
  'kind',
  'message',
  'producer',
  'boot',
  'seq',
  'time',
  'observed_time',
  'project',
  ...ENVELOPE_IDS,
  ...KNOWN_ATTRIBUTES.map((known) => known.name),
  'service.name',
  'service.version',
  'host.name',
  'resource.k8s.pod',
  'resource.n',
  'resource.nope',
  'resource.service.name',
  'attributes.a',
  'attributes.message',
  'attributes.has',
  'nope',
];
const TIMES = [
  '2026-11-21',
  '2026-11-21T10:00:01',
  '2026-11-21T10:00:00.999999999Z',
  'now',
  '-1h',
  '2026-11',
  '2026-11-21T19:00+09:00',
  '-1d',
];

const quote = (text: string): string => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;

function randomField(random: Random): string {
  return random.chance(0.5) ? random.pick(FIELDS) : quote(random.pick(KEYS));
}

/** A value that some record has, or one like it. */
function someText(random: Random, rows: readonly Row[]): string {
  const { record } = random.pick(rows);
  const values = [record.message, ...Object.values(record), ...Object.values(record.attributes ?? {})];
  const value = random.chance(0.4)
    ? random.pick(SCALARS)
    : random.pick(values.filter((found) => found !== undefined));
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (random.chance(0.6)) return text;
  const characters = [...text];
  const start = random.below(characters.length + 1);
  return characters.slice(start, start + 1 + random.below(8)).join('');
}

const escapeValue = (text: string): string => text.replace(/[^\p{L}\p{N}\p{Surrogate}]/gu, String.raw`\$&`);

/** A text with some of its characters replaced by wildcards. */
function someGlob(random: Random, rows: readonly Row[]): string {
  let glob = '';
  for (const character of [...someText(random, rows)].slice(0, 12)) {
    const dice = random.below(8);
    glob += dice === 0 ? '*' : dice === 1 ? '?' : escapeValue(character);
  }
  return random.chance(0.5) ? `${glob}*` : `*${glob}`;
}

function randomTest(random: Random, rows: readonly Row[]): string {
  const text = someText(random, rows);
  const sign = random.pick(['>', '>=', '<', '<=', '=']);
  switch (random.below(9)) {
    case 0:
      return quote(text);
    case 1:
      return someGlob(random, rows);
    case 2:
      return '*';
    case 3:
      return `${sign}${quote(text)}`;
    case 4:
      return `${sign}${String(random.chance(0.5) ? random.below(1000) : randomNumber(random))}`;
    case 5:
      return `[${String(random.below(100))} to ${random.chance(0.5) ? '*' : quote(text)}]`;
    case 6:
      return `${sign}${quote(random.pick([...TIMES, ...LEVELS]))}`;
    case 7:
      return `(${quote(text)} or ${quote(someText(random, rows))} or not ${random.pick(TIMES)})`;
    default:
      return random.chance(0.5)
        ? escapeValue(text) || '*'
        : random.pick([...TIMES, ...LEVELS, ...KINDS, '1..5', '..7', '0.1..']);
  }
}

function randomTerm(random: Random, rows: readonly Row[]): string {
  switch (random.below(8)) {
    case 0:
      return quote(someText(random, rows));
    case 1:
      return random.pick(WORDS.filter((word) => !/[\s"\\]/.test(word)));
    case 2:
      return someGlob(random, rows);
    case 3:
      return `has:${random.pick([...FIELDS, ...KEYS.map(quote)])}`;
    default:
      return `${randomField(random)}:${randomTest(random, rows)}`;
  }
}

/** A search text; most are valid. */
export function randomSearch(random: Random, rows: readonly Row[], depth = 0): string {
  if (depth < 2 && random.chance(0.35)) {
    const count = 1 + random.below(random.chance(0.15) ? 10 : 3);
    const parts = Array.from({ length: count }, () => randomSearch(random, rows, depth + 1));
    const joined = parts.join(random.pick([' ', ' or ', ' and ']));
    return random.pick(['', '', '-', 'not ']) + `(${joined})`;
  }
  return random.pick(['', '', '', '-', 'not ']) + randomTerm(random, rows);
}
