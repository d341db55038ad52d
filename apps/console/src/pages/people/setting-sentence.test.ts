import { afterEach, beforeEach, expect, test } from 'vitest';
import { languageStore } from '../../words/dictionary.js';
import { settingSentence } from './setting-sentence.js';

beforeEach(() => languageStore.set('ko'));
afterEach(() => languageStore.set('en'));

test.each([
  ['local development signed in', 'local development 로그인'],
  ['suho@shop.example invited as viewer', 'suho@shop.example 초대 (보기)'],
  ['user lee@shop.example is no longer an owner', '사용자 lee@shop.example 소유자 해제'],
  ['key 27c22a2f "the shop" created for project default', '키 “the shop”(27c22a2f) 만듦, 프로젝트 default'],
  ['alert rule "a "quoted" name" removed', '알림 규칙 “a "quoted" name” 지움'],
  ['dashboard "two\nlines" changed', '대시보드 “two\nlines” 바꿈'],
  ['error given to 김지민: POST: failed', '오류 담당 김지민: POST: failed'],
])('%s', (english, korean) => {
  expect(settingSentence(english)).toBe(korean);
});

test('a sentence that is not known stays the one that was kept, and in English all do', () => {
  expect(settingSentence('something new happened')).toBe('something new happened');
  languageStore.set('en');
  expect(settingSentence('local development signed in')).toBe('local development signed in');
});
