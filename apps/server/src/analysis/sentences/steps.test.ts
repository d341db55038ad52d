/** Sentences about records that are no hops. */
import { expect, test } from 'vitest';
import { rowOf } from '../story.fixture.js';
import { entrySentence } from './steps.js';

const POSTGRES = { 'db.system.name': 'postgresql' };

test('what a database logs is said to be its own word', () => {
  const message = 'value too long for type character varying(16)';
  const row = rowOf({ service: 'postgresql', span: '', kind: 'log', start: 0, message, more: POSTGRES }, 1);
  expect(entrySentence(row)).toEqual({
    ko: `데이터베이스의 로그: ${message}`,
    en: `the database’s own log: ${message}`,
  });
});

test('a statement that it calls slow is told by its time; what a service logs is its message', () => {
  const message = 'duration: 1201.482 ms  execute <unnamed>: SELECT o.id FROM orders';
  const slow = {
    service: 'postgresql',
    span: '',
    kind: 'log',
    start: 0,
    duration: 1201.482,
    message,
  } as const;
  expect(entrySentence(rowOf({ ...slow, more: POSTGRES }, 1))).toEqual({
    ko: '데이터베이스의 로그: 느린 질의 (1201ms)',
    en: 'the database’s own log: a slow statement (1201 ms)',
  });
  const plain = rowOf({ service: 'login', span: '', kind: 'log', start: 0, message: 'signed in' }, 1);
  expect(entrySentence(plain)).toEqual({ ko: 'signed in', en: 'signed in' });
});
