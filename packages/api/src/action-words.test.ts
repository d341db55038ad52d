/** Every action that Sillok itself writes down reads as words in both languages: they are looked for in the code that writes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { actionText, thingText } from './action-words.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

function sourcesIn(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file))
    .map((file) => readFileSync(join(root, folder, file), 'utf8'))
    .join('\n');
}

const server = sourcesIn('apps/server/src');
const admin = sourcesIn('packages/admin/src');
const allOf = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);
const quoted = (text: string): string[] => allOf(text, /'([a-z_.]+)'/g);

/** `action: 'x.y'`, lists of them, and the notes of settings. */
function namedInServer(): string[] {
  const acted = allOf(server, /(?:action: |\[ROUTES\.\w+\]: \[\s*)'([a-z_]+\.[a-z_]+)'/g);
  const unions = allOf(server, /readonly action:([^;]+);/g);
  const trail = unions.flatMap(quoted).filter((name) => name.includes('.'));
  expect([acted.length > 10, trail.length > 5]).toEqual([true, true]);
  return [...acted, ...trail];
}

function namedBySettings(): string[] {
  const collections = quoted(/COLLECTIONS = \[([^\]]+)\]/.exec(server)?.[1] ?? '');
  const notes = [...server.matchAll(/what: '(\w+)',\s*verb: '(\w+)'/g)].map(
    ([, what, verb]) => `${what}.${verb}`,
  );
  const demo = allOf(server, /\.\.\.shop, verb: '(\w+)'/g).map((verb) => `demo.${verb}`);
  const made = collections.flatMap((each) => ['create', 'change', 'delete'].map((verb) => `${each}.${verb}`));
  expect([collections.length > 10, notes.length > 2, demo.length]).toEqual([true, true, 2]);
  return [...made, ...notes, ...demo, 'star.clear', 'debug_route.clear', 'key.create', 'key.revoke'];
}

function namedByAdmin(): string[] {
  const steps = quoted(/readonly step: ('plan'[^;]+);/.exec(admin)?.[1] ?? '').map(
    (step) => `script.${step}`,
  );
  const ways = quoted(/readonly way: ([^;]+);/.exec(admin)?.[1] ?? '').map((way) => `order.undo_${way}`);
  expect([steps.length, ways.length]).toEqual([6, 3]);
  return [...steps, ...ways, 'undo.run', 'order.refund.requested', 'order.refund.rejected', 'order.read'];
}

const HANGUL = /[가-힣]/;

test('every action of the server reads as words, in Korean without a word of English', () => {
  const actions = [...new Set([...namedInServer(), ...namedBySettings()])];
  expect(actions).toEqual(expect.arrayContaining(['session.sign_in', 'alert.resolve', 'person.view']));
  const told = actions.map((action) => ({
    action,
    ...{
      en: actionText({ action, service: 'sillok' }, 'en'),
      ko: actionText({ action, service: 'sillok' }, 'ko'),
    },
    thing: thingText(action.split('.')[0] ?? '', 'ko', 'sillok'),
  }));
  expect(told.filter(({ ko, thing }) => !HANGUL.test(ko) || /[a-z]/i.test(ko + thing))).toEqual([]);
  // A name of the code is no word: `sign_in`.
  expect(told.filter(({ action, en }) => /_/.test(en) || en === action.split('.').at(-1))).toEqual([]);
});

test('every step of scripts, undo and approval reads as words', () => {
  const told = namedByAdmin().map((action) => actionText({ action, service: 'shop' }, 'ko'));
  expect(told.filter((text) => !HANGUL.test(text) || /[a-z]/i.test(text))).toEqual([]);
});

test('a team names its own actions, and words are put together of those that are known', () => {
  const ko = (action: string, service = 'shop'): string => actionText({ action, service }, 'ko');
  expect(ko('order.change_address')).toBe('주소 변경');
  expect(ko('order.refund.requested')).toBe('환불 승인 요청');
  expect(ko('order.reindex')).toBe('reindex');
  expect(actionText({ action: 'order.change_address' }, 'en')).toBe('change address');
  // A customer who becomes a member of a shop is none of our team.
  expect([ko('member.create'), ko('member.create', 'sillok')]).toEqual(['생성', '프로젝트에 들어옴']);
  expect([thingText('member', 'ko', 'shop'), thingText('member', 'ko', 'sillok')]).toEqual([
    '회원',
    '팀 구성원',
  ]);
});
