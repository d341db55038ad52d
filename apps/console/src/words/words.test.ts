import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const folder = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(folder).filter((file) => !/test|^dictionary/.test(file));

/** Words that are the same in both languages on purpose: names, and what is written in code. */
const SAME = /^[\x20-\x7e…·]*$/;
const HANGUL = /[가-힣]/;

function dictionariesOf(module: unknown): { en: object; ko: object }[] {
  return Object.values(Object(module)).filter(
    (value): value is { en: object; ko: object } =>
      value !== null && typeof value === 'object' && 'ko' in value,
  );
}

test.each(files)('%s says everything in both languages', async (file) => {
  const dictionaries = dictionariesOf(await import(join(folder, file)));
  expect(dictionaries.length).toBeGreaterThan(0);
  for (const { en, ko } of dictionaries) {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
    for (const [name, english] of Object.entries(en)) {
      const korean: unknown = Object.entries(ko).find(([key]) => key === name)?.[1];
      expect(typeof korean, name).toBe(typeof english);
      if (typeof korean !== 'string' || korean === english) continue;
      expect(HANGUL.test(korean) || SAME.test(korean), `${name}: ${korean}`).toBe(true);
      expect(korean.trim(), name).not.toBe('');
    }
  }
});

/** Sentences of a dictionary that read the same in both languages. */
function leftStanding({ en, ko }: { en: object; ko: object }): string[] {
  const english = new Map<string, unknown>(Object.entries(en));
  return Object.entries(ko).flatMap(([name, korean]) =>
    typeof korean === 'string' && korean === english.get(name) && korean.split(' ').length > 3 ? [name] : [],
  );
}

test('an English sentence is not left standing in Korean', async () => {
  const modules = await Promise.all(files.map((file) => import(join(folder, file))));
  const left = modules.flatMap(dictionariesOf).flatMap(leftStanding);
  expect(left.filter((name) => name !== 'placeholder')).toEqual([]);
});
