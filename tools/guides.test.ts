/**
 * A guide for each page of the console, with a picture, in both languages; and what a translated page must have in common with its
 * sibling: the examples that tests run.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { pages } from './lib/console-pages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const images = readdirSync(join(root, 'docs', 'images'));
const shown = pages.filter(({ guide }) => guide !== 'none');
const suffixes = ['', '.ko'];

test('a page that no guide shows is missed', () => {
  const routes = [...read('apps', 'console', 'src', 'routes.ts').matchAll(/\bpath: '([^']+)'/g)];
  const known = new Set(shown.map(({ route }) => route));
  // A new page: an entry in tools/lib/console-pages.mjs, `node tools/console-images.mjs --pages NAME`, a section in both languages.
  expect(routes.map(([, path]) => path).filter((path) => !known.has(path ?? ''))).toEqual([]);
  expect(routes.length).toBeGreaterThan(30);
});

test('a page whose guide lacks its picture, in one of the languages, is missed', () => {
  const missing = shown.flatMap(({ guide, picture }) =>
    suffixes.flatMap((suffix) => {
      const image = `console-${picture}${suffix}.png`;
      const text = read('docs', 'guides', `${guide}${suffix}.md`);
      const isThere = existsSync(join(root, 'docs', 'images', image));
      return isThere && text.includes(`](../images/${image})`) ? [] : [`${guide}${suffix}.md: ${image}`];
    }),
  );
  expect([...new Set(missing)]).toEqual([]);
});

test('no picture of the console stays behind that the tool does not take any more', () => {
  const taken = shown.flatMap(({ picture }) => suffixes.map((suffix) => `console-${picture}${suffix}.png`));
  const all = new Set([...taken, ...suffixes.map((suffix) => `console-business-refund${suffix}.png`)]);
  expect(images.filter((file) => file.startsWith('console-') && !all.has(file))).toEqual([]);
});

/** Fenced blocks, but for those that show commands and what they print: their words may be translated. */
function examples(text: string, languages: RegExp): string[] {
  return [...text.matchAll(/^```(.+)\n([^]*?)^```$/gm)].flatMap(([block, info]) =>
    languages.test(info ?? '') ? [block] : [],
  );
}

test.each([
  { page: 'reference/sql', languages: /^sql/ },
  { page: 'guides/rules', languages: /^(rules|ndjson|searches|json)$/ },
])('$page has the same examples in both languages', ({ page, languages }) => {
  const [english, korean] = suffixes.map((suffix) =>
    examples(read('docs', `${page}${suffix}.md`), languages),
  );
  expect(english?.length).toBeGreaterThan(3);
  expect(korean).toEqual(english);
});

test('a translated page that does not lead to its sibling, or is not led to, is missed', () => {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const lost = docs
    .filter((file) => file.endsWith('.ko.md'))
    .flatMap((korean) => [
      [korean, korean.replace('.ko.md', '.md')],
      [korean.replace('.ko.md', '.md'), korean],
    ])
    .filter(([from, to]) => {
      const beginning = read('docs', from ?? '').slice(0, 1_500);
      return !beginning.includes(`](${basename(to ?? '')})`);
    });
  expect(lost).toEqual([]);
});

/** The pages that a link of this page leads to. */
function linkedFrom(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)#\s]+\.md)(?:#[^)]*)?\)/g)];
  return links
    .map(([, link = '']) => normalize(join(dirname(page), link)))
    .filter((link) => !link.includes(':'));
}

test('a page that nobody reaches from the README by links is missed, and so is a link to nowhere', () => {
  const reached = new Set(['README.md']);
  for (const page of reached) {
    expect(existsSync(join(root, page)), page).toBe(true);
    for (const link of linkedFrom(page)) reached.add(link);
  }
  const all = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const written = all.filter((file) => file.endsWith('.md')).map((file) => join('docs', file));
  expect(written.length).toBeGreaterThan(60);
  expect(written.filter((page) => !reached.has(page))).toEqual([]);
});
