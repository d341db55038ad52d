import { parseRecord } from '@sillok/record';
import { expect, test } from 'vitest';
import { createTestLog } from './test.js';

test('the call forms of pino give the same message and fields', () => {
  const { log, records } = createTestLog();
  log.info('plain');
  log.info('hello %s, %d items, %j', 'world', 3, { a: 1 });
  log.info({ order: 7 }, 'paid by %s', 'card');
  log.info({ msg: 'message among the fields', order: 8 });
  log.info({ order: 9 });
  log.info(undefined, 'after nothing');
  log.info(42);
  log.info('100%');
  expect(records().map(({ message, attributes }) => [message, attributes])).toEqual([
    ['plain', {}],
    ['hello world, 3 items, {"a":1}', {}],
    ['paid by card', { order: 7 }],
    ['message among the fields', { order: 8 }],
    ['', { order: 9 }],
    ['after nothing', {}],
    ['42', {}],
    ['100%', {}],
  ]);
});

test('a level that is off uses no number and evaluates nothing', () => {
  const { log, records } = createTestLog({ level: 'info' });
  log.debug({ costly: () => expect.unreachable() }, 'off');
  log.debug(() => expect.unreachable());
  log.trace('off');
  log.info('on');
  expect(records().map(({ seq, message }) => [seq, message])).toEqual([[1, 'on']]);
  expect([log.isLevelEnabled('debug'), log.isLevelEnabled('info'), log.isLevelEnabled('nonsense')]).toEqual([
    false,
    true,
    false,
  ]);
});

test('the level can be changed, a name that is unknown changes nothing and does not throw', () => {
  const { log, records } = createTestLog({ level: 'warn' });
  log.level = 'debug';
  log.debug('now on');
  log.level = 'loud';
  expect(log.level).toBe('debug');
  log.level = 'silent';
  log.fatal('off');
  expect(records()).toHaveLength(1);
});

test('children carry their bindings, over those of their parents; a call wins over both', () => {
  const { log, records } = createTestLog({ bindings: { app: 'shop', depth: 0 } });
  const child = log.child({ module: 'cart', depth: 1 });
  const grandchild = child.child({ depth: 2, 'http.route': '/cart' }, { level: 'error' });
  child.info({ item: 1 }, 'child');
  grandchild.error({ depth: 3 }, 'grandchild');
  grandchild.info('off');
  expect(records().map((record) => record.attributes)).toEqual([
    { app: 'shop', depth: 1, module: 'cart', item: 1 },
    { app: 'shop', depth: 3, module: 'cart', http: { route: '/cart' } },
  ]);
  expect(child.bindings()).toEqual({ app: 'shop', depth: 1, module: 'cart' });
  child.setBindings({ late: true });
  expect(child.bindings()).toEqual({ app: 'shop', depth: 1, module: 'cart', late: true });
});

test('bindings are copied: a later change of the object does not show', () => {
  const { log, records } = createTestLog();
  const order = { id: 1, lines: ['a'] };
  const child = log.child({ order });
  order.id = 2;
  order.lines.push('b');
  child.info('x');
  expect(records()[0]?.attributes).toEqual({ order: { id: 1, lines: ['a'] } });
});

test('an error gives the record its exception, with causes and own fields', () => {
  const { log, records } = createTestLog();
  const error = Object.assign(new TypeError('outer', { cause: new RangeError('inner') }), { code: 'E_SHOP' });
  log.error(error);
  log.error({ err: error, order: 7 }, 'could not pay');
  log.error({ err: 'only a text' }, 'odd');
  const [first, second, third] = records();
  expect(first?.message).toBe('outer');
  expect(first?.attributes).toMatchObject({
    exception: { type: 'TypeError', message: 'outer' },
    err: { code: 'E_SHOP', causes: [{ type: 'RangeError', message: 'inner' }] },
  });
  expect(JSON.stringify(first?.attributes['exception'])).toMatch(
    /stacktrace.*TypeError: outer.*caused by: RangeError: inner/,
  );
  expect(second).toMatchObject({
    message: 'could not pay',
    attributes: { order: 7, err: { code: 'E_SHOP' } },
  });
  expect(third?.attributes).toEqual({ err: 'only a text' });
});

test('errors that fight back are recorded all the same', () => {
  const { log, records } = createTestLog();
  const error = new Error('x');
  Object.defineProperty(error, 'stack', {
    get: () => {
      throw new Error('no stack');
    },
  });
  Object.defineProperty(error, 'bad', {
    enumerable: true,
    get: () => {
      throw new Error('no');
    },
  });
  error.cause = error;
  log.error(error);
  log.error(new Proxy(error, {}));
  log.error(new AggregateError([new Error('a'), 'b'], 'many'));
  expect(records()).toHaveLength(3);
  expect(records()[2]?.attributes).toMatchObject({ err: { errors: [{ message: 'a' }, 'b'] } });
});

test('serializers run on their keys; a broken one costs its field only', () => {
  const { log, records } = createTestLog({
    serializers: {
      user: (user) => (user as { id: number }).id, // the test hands in such a user
      broken: () => {
        throw new Error('serializer');
      },
    },
  });
  log.info({ user: { id: 7, name: 'secret' }, broken: 1, fine: true }, 'x');
  log.child({ user: { id: 8 } }, { serializers: { fine: () => 'overridden' } }).info({ fine: 1 }, 'y');
  expect(records().map((record) => record.attributes)).toEqual([
    { user: 7, broken: '(unreadable: serializer)', fine: true },
    { user: 8, fine: 'overridden' },
  ]);
});

test('functions among the fields are evaluated, methods of instances are not', () => {
  class Order {
    id = 7;
    cancel = (): never => {
      throw new Error('called');
    };
  }
  const { log, records } = createTestLog();
  log.info(
    {
      lazy: () => ({ big: 1 }),
      bad: () => {
        throw new Error('lazy');
      },
    },
    'x',
  );
  log.info(() => ({ whole: true }));
  log.info(new Order(), 'instance');
  expect(records().map((record) => record.attributes)).toEqual([
    { lazy: { big: 1 }, bad: '(unreadable: lazy)' },
    { whole: true },
    { id: 7 },
  ]);
});

test('mixin fields come below those of the call', () => {
  const { log, records } = createTestLog({
    mixin: (_fields, level) => ({ level_number: level, order: 'mixin' }),
  });
  log.warn({ order: 'call' }, 'x');
  expect(records()[0]?.attributes).toEqual({ level_number: 40, order: 'call' });
});

test('secrets are not written: by key at any depth, by path, by pattern, in bindings and in messages', () => {
  const { log, lines } = createTestLog({ redact: ['order.note', '*.pin'] });
  log.child({ apiKey: 'hunter2-a' }).info(
    {
      password: 'hunter2-b',
      user: { credentials: { accessToken: 'hunter2-c' }, pin: 'hunter2-d' },
      order: { note: 'hunter2-e' },
      list: [{ secret: 'hunter2-f' }],
      text: 'card 4111 1111 1111 1111',
    },
    'call 010-1234-5678 with Bearer hunter2ghijklmnop',
  );
  expect(lines().join('\n')).not.toMatch(/hunter2|4111|5678/);
});

test('redaction can be switched off', () => {
  const { log, records } = createTestLog({ redact: false });
  log.info({ password: 'x' }, '010-1234-5678');
  expect(records()[0]).toMatchObject({ message: '010-1234-5678', attributes: { password: 'x' } });
});

test('what hosts throw at a logger neither throws nor costs the record', () => {
  const { log, records, lines } = createTestLog();
  const circular: { self?: unknown } = {};
  circular.self = circular;
  let deep: object = {};
  for (let level = 0; level < 5000; level += 1) deep = { deep };
  const wide = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`key${index}`, index]));
  const inputs: object[] = [
    circular,
    { deep },
    wide,
    { text: 'x'.repeat(3_000_000) },
    { bad: 'a\ud800b' },
    { n: 2n ** 64n },
    { x: NaN },
    {
      get trap(): never {
        throw new Error('getter');
      },
    },
    new Map([['a', 1]]),
    [1, 2],
    new Date(NaN),
    JSON.parse('{"__proto__":{"polluted":true}}'),
    Object.create(null),
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('proxy');
        },
      },
    ),
    {
      toJSON: () => {
        throw new Error('toJSON');
      },
    },
    { [`k${'e'.repeat(10_000)}`]: 1 },
    { 'line\nfeed\u001b[2J': 'forged\n{"seq":1}' },
  ];
  for (const input of inputs) log.info(input, 'odd');
  expect(records()).toHaveLength(inputs.length);
  expect(records().map(({ seq }) => seq)).toEqual(inputs.map((_, index) => index + 1));
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
  for (const line of lines()) {
    expect(line).not.toMatch(/[\n\u001b]/);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(1024 * 1024);
    expect(parseRecord(line, { encoding: 'flat' })).toMatchObject({ ok: true, changed: false });
  }
});

test('a getter that logs while its object is being logged does not disturb either record', () => {
  const { log, records } = createTestLog();
  log.info(
    {
      first: 1,
      get second() {
        log.info({ inner: true }, 'inner');
        return 2;
      },
    },
    'outer',
  );
  expect(records().map(({ message, attributes }) => [message, attributes])).toEqual([
    ['inner', { inner: true }],
    ['outer', { first: 1, second: 2 }],
  ]);
});

test('more distinct keys than are remembered are still recorded rightly', () => {
  const { log, records } = createTestLog();
  for (let index = 0; index < 6000; index += 1) log.info({ [`id-${index}`]: index }, 'x');
  expect(records()[5999]?.attributes).toEqual({ 'id-5999': 5999 });
});

test('known attributes stand at the top of the line, misfits stay with the others', () => {
  const { log, lines } = createTestLog();
  log.info({ http: { route: '/a', response: { status_code: 200 } }, duration_ms: 1.5 }, 'x');
  log.info({ 'http.response.status_code': 0, 'http.route': 7 }, 'x');
  expect(lines()[0]).toContain('"duration_ms":1.5,"http.route":"/a","http.response.status_code":200}');
  expect(lines()[1]).toContain('"attributes":{"http.response.status_code":0,"http.route":7}}');
});

test('events and audits are records of their own kind', async () => {
  const { log, records } = createTestLog();
  log.event('cart.opened', { items: 3 });
  await log.audit('user.deleted', { user: 7 });
  expect(records().map(({ kind, message, attributes }) => [kind, message, attributes])).toEqual([
    ['event', 'cart.opened', { items: 3, event: { name: 'cart.opened' } }],
    ['audit', 'user.deleted', { user: 7, event: { name: 'user.deleted' } }],
  ]);
});

test('a flush token names the last record', async () => {
  const { log } = createTestLog();
  log.info('a');
  log.info('b');
  const token: unknown = JSON.parse(Buffer.from(await log.flush(), 'base64url').toString());
  expect(token).toEqual({ producer: 'test', boot: expect.any(String), seq: 2 });
});
