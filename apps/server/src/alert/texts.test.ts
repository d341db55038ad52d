/** What records say is inert wherever it is told; and what an error's fingerprint leaves out. */
import { parseQuery } from '@sillok/query';
import { describe, expect, test } from 'vitest';

import { dependencyOf } from './dependency.js';
import { finds, fingerprintOf, patternOf, searchFor } from './fingerprint.js';
import { mailParts } from './mail.js';
import { visible, type Message } from './message.js';
import { slackText } from './slack.js';
import { lengthText, messageWords } from './words.js';

const message = (title: string): Message => ({
  headline: 'New · new error · rule',
  title: visible(title),
  facts: [],
  link: 'https://s.example/?q=a&b=<c>',
  linkText: 'Open',
  mark: '🟠',
});

describe('Slack', () => {
  test.each([
    '<!channel> <@U123> <https://evil.example|click>',
    '`code` *bold* _italics_ ~strike~',
    '&lt;!here&gt; & more',
    '@channel @here @everyone @all',
    'line\nbreak\u0007\u202eright to left',
  ])('%s is text', (hostile) => {
    const text = slackText(message(hostile));
    const [headline, title, , link, ...more] = text.split('\n');
    expect(more).toEqual([]);
    expect(headline).toBe('🟠 *New · new error · rule*');
    expect(title).toMatch(/^`[^`<>]*`$/);
    expect(text).not.toMatch(/<[!@#]|@(channel|here|everyone|all)/);
    expect(link).toBe('<https://s.example/?q=a&amp;b=&lt;c&gt;|Open>');
  });
});

test('mail shows markup as text, and its subject is one line', () => {
  const { html, subject } = mailParts(message('<img src=x onerror=alert(1)>"\'\r\nBcc: a@b.example'));
  expect(html).not.toMatch(/<img/);
  expect(html).toContain('&lt;img');
  expect(subject).not.toMatch(/[\r\n]/);
});

const row = (text: string, more: object = {}) => ({
  record: { seq: 1, time: '', kind: 'log' as const, level: 'error' as const, message: text, ...more },
  context: {
    project: 'p',
    producer: 'x',
    boot: 'b',
    observed_time: '',
    resource: { 'service.name': 'orders' },
  },
});

describe('fingerprints', () => {
  test('numbers, ids, addresses and quoted texts do not make another error', () => {
    const one = row(
      'order 17 of kim@shop.example failed: "card 1234" (3f2b9c1e-0000-4000-8000-000000000001)',
    );
    const two = row('order 99 of lee@shop.example failed: "card 9" (00000000-aaaa-4000-8000-00000000000f)');
    expect(fingerprintOf(one).id).toBe(fingerprintOf(two).id);
    expect(fingerprintOf(row('payment failed')).id).not.toBe(fingerprintOf(row('order failed')).id);
    expect(patternOf('주문 17 실패\nat x')).toBe('주문 * 실패');
  });

  test('a line that moved within its file is the same frame', () => {
    const stack = (line: number) => ({
      'exception.stacktrace': `Error: x\n    at pay (/app/pay.js:${line}:7)`,
    });
    expect(fingerprintOf(row('x', stack(10))).id).toBe(fingerprintOf(row('x', stack(99))).id);
  });

  test.each([
    '결제 실패: 카드사가 응답하지 않음 (주문 42)',
    'user42 could not log in',
    '"quoted" and \\ backslash ( brackets',
    '12345',
    '***',
    'level:error OR (a AND b) | stats count()',
  ])('the search for “%s” finds it, and can be read', (text) => {
    const failing = row(text);
    const q = searchFor(failing);
    expect(parseQuery(q)).toMatchObject({ ok: true, query: { stages: [] } });
    expect(finds(q, failing)).toBe(true);
    expect(finds(q, row('something else entirely'))).toBe(
      !/[\p{L}]{2}/u.test(patternOf(text)) || q.split(' ').length < 3,
    );
  });
});

describe('dependencies', () => {
  test.each([
    ['connect ECONNREFUSED 127.0.0.1:5432', {}, '127.0.0.1:5432'],
    ['getaddrinfo ENOTFOUND db.internal', {}, 'db.internal'],
    ['sorry, too many clients already', { attributes: { 'db.system.name': 'postgresql' } }, 'postgresql'],
    ['Connection terminated unexpectedly', {}, 'a connection'],
    ['order 7 not found', {}, undefined],
    ['validation failed', { attributes: { 'server.address': 'shop.example' } }, undefined],
  ])('%s', (text, more, expected) => {
    expect(dependencyOf(row(text, more).record)?.name).toBe(expected);
  });

  test('a client span that failed names its server', () => {
    const attributes = { 'span.kind': 'client', 'server.address': 'pay.example', 'server.port': 443 };
    expect(dependencyOf({ ...row('POST', { attributes }).record, kind: 'span' })).toEqual({
      place: 'pay.example:443',
      name: 'pay.example:443',
      isShared: true,
    });
  });

  test('the statement that failed and the line about it are one dependency', () => {
    const server = { 'server.address': '127.0.0.1', 'server.port': 5432 };
    const attributes = { 'span.kind': 'client', 'db.system.name': 'postgresql', ...server };
    const statement = dependencyOf({ ...row('SELECT carts', { attributes }).record, kind: 'span' });
    expect(statement).toEqual({
      place: '127.0.0.1:5432',
      name: 'postgresql 127.0.0.1:5432',
      isShared: false,
    });
    expect(dependencyOf(row('connect ECONNREFUSED 127.0.0.1:5432').record)?.place).toBe(statement?.place);
  });
});

test('lengths of time in both languages', () => {
  const [en, ko] = [messageWords('en'), messageWords('ko')];
  expect(lengthText(3_723_000, en)).toBe('1 h 2 min');
  expect(lengthText(4_000, ko)).toBe('4초');
  expect(lengthText(0, en)).toBe('0 s');
});

/** Two hundred texts of what breaks out somewhere, glued to each other. */
const PIECES = [
  '<!channel>',
  '<@U1>',
  '<https://evil.example|x>',
  '`',
  '*',
  '_',
  '~',
  '&lt;',
  '@here',
  '\n',
  '\r\nBcc: a@b.example',
  '<script>alert(1)</script>',
  '" onmouseover="x',
  "'",
  '\u202e',
  '\u0000',
  '\u001b[2J',
  '${x}',
  '{{x}}',
  'javascript:alert(1)',
];
const hostile = Array.from({ length: 200 }, (_, index) =>
  [0, 1, 2].map((step) => PIECES[(index * (step * 7 + 3) + step) % PIECES.length] ?? '').join(' '),
);

test('two hundred hostile texts are text in Slack and in mail', () => {
  for (const text of hostile) {
    const [, title = '', ...rest] = slackText(message(text)).split('\n');
    expect(title, text).toMatch(/^`[^`<>]*`$/);
    expect(title, text).not.toMatch(/@(channel|here|everyone|all)/);
    expect(rest).toHaveLength(2);
    const { html, subject } = mailParts(message(text));
    expect(subject, text).not.toMatch(/[\r\n]/);
    expect(html.match(/<[^>]*>/g), text).toEqual(mailParts(message('x')).html.match(/<[^>]*>/g));
  }
});
