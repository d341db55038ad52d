/** Every code that a person at the console can meet has its sentence in Korean; the English one is the server's own. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { READ_ERRORS } from '@sillok/api';
import { afterEach, expect, test } from 'vitest';
import { languageStore } from '../words/dictionary.js';
import { refusalLine, REFUSALS, toldRefusal } from './refusals.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');

/** Codes that are in the sources and on no page of the console, each with why. */
const UNSEEN: Readonly<Record<string, string>> = {
  ...{ bad_header: 'records', encoding_refused: 'records', content_type_refused: 'records' },
  ...{ producer_of_other_project: 'records', too_many_gaps: 'records', identity_conflict: 'records' },
  ...{ too_many_records: 'records', quota_used_up: 'pages of customers', app_killed: 'pages of customers' },
  ...{ bad_action: 'records', entries_rejected: 'records', size_unknown: 'proofs, which programs ask for' },
  ...{ tls_refused: 'no HTTP', request_broken: 'no HTTP' },
  ...{ too_big: 'of the checks of input, not of an answer' },
  ...{ holds_vacuum: 'a warning beside an answer', accepted_writable_role: 'a warning beside an answer' },
};

const MADE_BY =
  /(?:\bcode: |\b(?:badRequest|conflict|verdict)\(\s*|new (?:ReadError|DeliveryError)\(\s*)'([a-z][a-z_]+)'/g;

function sourcesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));
}

function codesOf(text: string): string[] {
  return [...text.matchAll(MADE_BY)].map(([, code]) => code ?? '');
}

/** `action_failed` and its like: a service answers them, the server passes them on. */
function adminCodes(): string[] {
  const text = readFileSync(join(root, 'packages/admin/src/errors.ts'), 'utf8');
  const list = /type AdminErrorCode =([^;]*);/.exec(text)?.[1] ?? '';
  return [...list.matchAll(/'([a-z_]+)'/g)].map(([, code]) => code ?? '');
}

const server = sourcesOf('apps/server/src').flatMap(codesOf);
const found = new Set([...Object.keys(READ_ERRORS), ...server, ...adminCodes()]);
/** Titles of alerts and reasons of rules have codes of their own, and words beside them. */
const OF_ALERTS = new Set(
  sourcesOf('apps/server/src/alert')
    .filter((text) => text.includes('const TITLES ='))
    .flatMap((text) => [...text.matchAll(/^ {2}([a-z_]+): \[/gm)].map(([, code]) => code ?? '')),
);

afterEach(() => languageStore.set('en'));

test('the sources are read: codes of each kind are among those found', () => {
  expect([...found]).toEqual(
    expect.arrayContaining([
      'not_allowed',
      'mail_failed',
      'user_exists',
      'query_timeout',
      'database_gone',
      'stale',
    ]),
  );
});

test('every code has a sentence in Korean, or a reason why nobody meets it', () => {
  const missing = [...found].filter(
    (code) => !Object.hasOwn(REFUSALS, code) && !Object.hasOwn(UNSEEN, code) && !OF_ALERTS.has(code),
  );
  expect(missing.sort()).toEqual([]);
});

test('no sentence is kept for a code that nothing answers any more', () => {
  expect(Object.keys(REFUSALS).filter((code) => !found.has(code))).toEqual([]);
  expect(Object.keys(UNSEEN).filter((code) => !found.has(code))).toEqual([]);
});

test.each(Object.entries(REFUSALS))('%s reads as Korean', (_code, [message, help]) => {
  for (const text of [message, help]) {
    expect(text).toMatch(/[가-힣]/);
    expect(text).toMatch(/[.!]$/);
  }
});

const failure = {
  status: 403,
  code: 'scope_missing',
  message: 'This key does not have the scope "admin".',
  help: 'Create a key.',
};

test('in English the server is quoted; in Korean by the code, with its own words where they name something', () => {
  expect(toldRefusal(failure)).toEqual({ message: failure.message, help: failure.help, more: undefined });
  languageStore.set('ko');
  expect(toldRefusal(failure)).toEqual({
    message: '이 일을 할 권한이 없습니다.',
    help: '프로젝트 관리자에게 권한을 요청하세요.',
    more: failure.message,
  });
  expect(refusalLine(failure)).toContain('권한을 요청하세요. This key does not');
  expect(toldRefusal({ ...failure, code: 'link_used' }).more).toBeUndefined();
});

test('a code that nobody knows is told in the words of whoever answered it', () => {
  languageStore.set('ko');
  expect(toldRefusal({ ...failure, code: 'constructor' }).message).toBe(failure.message);
  expect(toldRefusal({ ...failure, code: 'cart_is_empty' }).message).toBe(failure.message);
});
