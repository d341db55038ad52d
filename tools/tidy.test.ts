/**
 * The house style as a test. What can be counted is counted here: sizes, the direction of imports, limits and
 * names on disk in their own files, escape hatches, dead links, and words that must not be in the project.
 *
 * Counts in `ratchets.json` may only fall: a rise fails, and so does a fall that is not written down, so that the
 * file always tells the truth.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const files = git('ls-files', '--cached', '--others', '--exclude-standard').filter((file) =>
  existsSync(join(root, file)),
);
const sources = files.filter((file) => /\.(ts|tsx)$/.test(file) && !file.includes('/generated/'));
const shipped = sources.filter((file) => !isTest(file) && /^(packages|apps)\//.test(file));

function git(...args: string[]): string[] {
  return spawnSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
    .stdout.split('\n')
    .filter(Boolean);
}

function isTest(file: string): boolean {
  return (
    /\.(test|fuzz|case)\.ts$/.test(file) || /^(test|bench|tools)\//.test(file) || file.includes('/fixtures/')
  );
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

/** Lines of a file that match, as `file:line`. */
function hits(list: readonly string[], pattern: RegExp): string[] {
  return list.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

describe('imports flow one way', () => {
  const order = [
    'record',
    'proof',
    'spool',
    'context',
    'edge',
    'shipper',
    'node',
    'browser',
    'admin',
    'query',
    'store',
    'api',
  ];
  const importsOf = (file: string): string[] =>
    [...read(file).matchAll(/from '@sillok\/([a-z]+)(?:\/[a-z-]+)*'/g)].flatMap((match) => match[1] ?? []);

  test('a package imports only packages above it', () => {
    const wrong = shipped
      .filter((file) => file.startsWith('packages/'))
      .flatMap((file) => {
        const own = order.indexOf(file.split('/')[1] ?? '');
        return importsOf(file)
          .filter((name) => order.indexOf(name) >= own || !order.includes(name))
          .map((name) => `${file} imports ${name}`);
      });
    expect(wrong).toEqual([]);
  });

  test('the browser can load record: no Node module in it but in its personal room', () => {
    const inRecord = shipped.filter(
      (file) => file.startsWith('packages/record/src') && !/\/personal/.test(file),
    );
    expect(hits(inRecord, /from 'node:/)).toEqual([]);
  });

  test('only the engine child loads chdb, only the store speaks ClickHouse', () => {
    const outside = shipped.filter((file) => !file.startsWith('apps/engine/'));
    expect(hits(outside, /from 'chdb|import\('chdb/)).toEqual([]);
    const notStore = shipped.filter((file) => !file.startsWith('packages/store/'));
    expect(hits(notStore, /from '@clickhouse\/client/)).toEqual([]);
  });
});

describe('places', () => {
  test('every named limit lives in limits.ts', () => {
    const list = shipped.filter((file) => !/limits(\.[a-z]+)?\.ts$/.test(file));
    expect(hits(list, /^(export )?const [A-Z_]+_(MAX|MIN|MS|BYTES)(_[A-Z]+)? = [\d_]/)).toEqual([]);
  });

  test('files are in kebab-case and nothing is exported by default', () => {
    const names = sources.filter((file) => !/(^|\/)[a-z0-9.-]+\.tsx?$/.test(file));
    expect(names).toEqual([]);
    const list = sources.filter((file) => !file.endsWith('.config.ts'));
    expect(hits(list, /^export default/)).toEqual([]);
  });

  test('no text has the marks of a merge that nobody finished', () => {
    const texts = files.filter((file) => /\.(md|ts|tsx|mjs|css|html|json|yml|go|java|py)$/.test(file));
    expect(hits(texts, /^(<{7}|>{7}) /)).toEqual([]);
  });

  test('no line is longer than 110 characters', () => {
    const list = sources.filter((file) => !file.endsWith('.fuzz.ts'));
    const long = list.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) =>
          line.length > 110 && !isLongLiteral(line) ? [`${file}:${index + 1}`] : [],
        ),
    );
    expect(ratchet('lines-over-110', long)).toEqual([]);
  });
});

/** A text, a pattern or a link that cannot be broken without hurting it. */
function isLongLiteral(line: string): boolean {
  return /^\s*(['"`/*|]|\/\/)/.test(line) || /https?:\/\//.test(line) || /(['"`/])[^'"`]{60,}\1/.test(line);
}

describe('sizes and escape hatches only fall', () => {
  const config = join(root, 'tools', 'tidy.oxlintrc.json');
  const bin = join(root, 'node_modules', 'oxlint', 'bin', 'oxlint');
  const answer = spawnSync(process.execPath, [bin, '-c', config, '-f', 'json', '.'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 27,
  });
  const report: { diagnostics: { code: string; filename: string; labels: { span: { line: number } }[] }[] } =
    JSON.parse(answer.stdout);

  const rules = ['max-lines', 'max-lines-per-function', 'max-params', 'max-depth', 'no-non-null-assertion'];
  test.each([...rules, 'no-explicit-any', 'ban-ts-comment'])('%s', (rule) => {
    const found = report.diagnostics
      .filter((each) => each.code.includes(`(${rule})`))
      .map((each) => `${each.filename}:${each.labels[0]?.span.line ?? 0}`);
    expect(ratchet(rule, found)).toEqual([]);
  });

  test('assertions of a type without a reason beside them', () => {
    const found = shipped.flatMap((file) => {
      const lines = read(file).split('\n');
      return lines.flatMap((line, index) => {
        if (
          !/\sas (?!const\b)[A-Za-z{[(]/.test(line) ||
          /^\s*(\/?\*|\/\/|import|export \{|(type )?\w+ as \w+,)/.test(line)
        )
          return [];
        const reasoned = /\/\//.test(line) || /^\s*(\/\/|\*|\/\*)/.test(lines[index - 1] ?? '');
        return reasoned || /['"`][^'"`]* as [^'"`]*['"`]/.test(line) ? [] : [`${file}:${index + 1}`];
      });
    });
    expect(ratchet('as-without-reason', found)).toEqual([]);
  });

  test('leftovers', () => {
    const found = hits(sources, new RegExp('\\b(TO' + 'DO|FIX' + 'ME|XX' + 'X)\\b|\\.(only|to' + 'do)\\('));
    expect(found).toEqual([]);
  });
});

/** What is found beyond the written number; a fall that is not written down counts as a find. */
function ratchet(name: string, found: readonly string[]): readonly string[] {
  const known: Readonly<Record<string, number>> = JSON.parse(read('tools/ratchets.json'));
  const allowed = known[name] ?? 0;
  if (found.length > allowed) return [`${found.length} found, ${allowed} allowed:`, ...found];
  if (found.length < allowed)
    return [`fell from ${allowed} to ${found.length}: write it into tools/ratchets.json`];
  return [];
}

describe('documents', () => {
  const pages = files.filter((file) => file.endsWith('.md'));

  test('no dead link', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)(#[^)]*)?\)/g)].flatMap((match) => {
        const target = resolve(root, dirname(page), decodeURI(match[1] ?? ''));
        return existsSync(target) ? [] : [`${page} → ${match[1]}`];
      }),
    );
    expect(dead).toEqual([]);
  });

  test('no path of a machine and no registry host', () => {
    const text = files.filter((file) => /\.(ts|tsx|mjs|js|md|json|sh|yml|yaml|css|html)$|run$/.test(file));
    expect(hits(text, new RegExp('/(work|root)/[a-z]|registry\\.' + 'npmjs'))).toEqual([]);
  });

  test('every dependency has its line of reason in docs/dependencies.md', () => {
    const reasons = read('docs/dependencies.md');
    const manifests = files.filter((file) => /^((packages|apps)\/[a-z]+\/)?package\.json$/.test(file));
    const missing = manifests.flatMap((file) => {
      const json: { dependencies?: object; optionalDependencies?: object; devDependencies?: object } =
        JSON.parse(read(file));
      const names = Object.keys({
        ...json.dependencies,
        ...json.optionalDependencies,
        ...json.devDependencies,
      });
      return names.filter((name) => !name.startsWith('@sillok/') && !reasons.includes(`\`${name}\``));
    });
    expect([...new Set(missing)]).toEqual([]);
  });
});
