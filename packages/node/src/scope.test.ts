import { EventEmitter } from 'node:events';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterEach, expect, test } from 'vitest';
import {
  bindContext,
  bindEmitter,
  currentTrace,
  getContext,
  outgoingHeaders,
  setContext,
  withContext,
  withTrace,
} from './scope.js';
import { createLeakCanary, createTestLog } from './test.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

afterEach(() => {
  context.disable();
  trace.disable();
});

test('fields set once appear on every later record of the request, in callbacks and after awaits', async () => {
  const { log, records } = createTestLog();
  await withTrace({ traceparent: TRACEPARENT }, async () => {
    log.info('before');
    setContext({ order_id: 7 });
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
    log.info('after a timer');
    setContext({ 'user.tier': 'gold' });
    await Promise.all([1, 2].map(async (part) => log.info({ part }, 'parallel')));
  });
  log.info('outside');
  expect(
    records().map((record) => [record.message, record.trace_id?.slice(0, 4), record.attributes]),
  ).toEqual([
    ['before', '0af7', {}],
    ['after a timer', '0af7', { order_id: 7 }],
    ['parallel', '0af7', { order_id: 7, user: { tier: 'gold' }, part: 1 }],
    ['parallel', '0af7', { order_id: 7, user: { tier: 'gold' }, part: 2 }],
    ['outside', undefined, {}],
  ]);
});

test('a job keeps the other ids of its message on all of its records, and believes who sent it', () => {
  const { log, assertLogged } = createTestLog();
  const baggage = 'sillok.user_hash=u1_a,sillok.customer.id=c7';
  withTrace(
    { traceparent: TRACEPARENT, 'x-request-id': 'r-1', b3: '80f198ee56343ba8-e457b5a2e4d86bd1-1', baggage },
    () => log.info('in the job'),
  );
  expect(assertLogged({ message: 'in the job' })).toMatchObject({
    user_hash: 'u1_a',
    attributes: { customer: { id: 'c7' }, trace: { alias: { request_id: 'r-1', b3: '80f198ee56343ba8' } } },
  });
});

test('fields of withContext are on its own records only, and a request field set inside is on all', () => {
  const { log, records } = createTestLog();
  withTrace({}, () => {
    withContext({ step: 1 }, () => {
      setContext({ order_id: 7 });
      withContext({ inner: true }, () => log.info('inner'));
      log.info('step');
    });
    log.info('request');
  });
  expect(records().map((record) => record.attributes)).toEqual([
    { order_id: 7, step: 1, inner: true },
    { order_id: 7, step: 1 },
    { order_id: 7 },
  ]);
});

test('what is set is copied and frozen', () => {
  const { log, records } = createTestLog();
  withTrace({}, () => {
    const order = { id: 7, lines: ['a'] };
    setContext({ order });
    order.id = 8;
    order.lines.push('b');
    log.info('x');
    expect(() => Object.assign(getContext(), { order: 9 })).toThrow(TypeError);
    setContext({ order: undefined });
    log.info('y');
  });
  expect(records().map((record) => record.attributes)).toEqual([{ order: { id: 7, lines: ['a'] } }, {}]);
});

test('outside of a request nothing is set, and it is said so', () => {
  expect(setContext({ order_id: 7 })).toBe(false);
  expect(getContext()).toEqual({});
  expect(outgoingHeaders()).toEqual({});
  expect(currentTrace()).toBeUndefined();
});

test('secrets in the context are not written', () => {
  const { log, lines } = createTestLog();
  withTrace({}, () => {
    setContext({ authorization: 'hunter2', note: 'call 010-1234-5678' });
    log.info('x');
  });
  expect(lines()[0]).not.toMatch(/hunter2|5678/);
});

test('a bound callback and a bound emitter keep the context in which they were made', () => {
  const { log, records } = createTestLog();
  const emitter = new EventEmitter();
  const callbacks: (() => void)[] = [];
  const gone = (): void => log.info('removed');
  withContext({ request: 'a' }, () => {
    bindEmitter(emitter);
    emitter.on('tick', () => log.info('on'));
    emitter.once('tick', () => log.info('once'));
    emitter.on('tick', gone);
    callbacks.push(bindContext(() => log.info('callback')));
  });
  withContext({ request: 'b' }, () => {
    emitter.removeListener('tick', gone);
    emitter.emit('tick');
    emitter.emit('tick');
    for (const callback of callbacks) callback();
  });
  expect(records().map((record) => [record.message, record.attributes['request']])).toEqual([
    ['on', 'a'],
    ['once', 'a'],
    ['on', 'a'],
    ['callback', 'a'],
  ]);
  expect(emitter.listenerCount('tick')).toBe(1);
});

test('records inside a span of OpenTelemetry carry its ids, with the fields of the request', () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const { log, records } = createTestLog();
  const spanContext = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags: 1 };
  withTrace({ traceparent: TRACEPARENT, baggage: 'sillok.global_trace_id=g1' }, () => {
    setContext({ order_id: 7 });
    context.with(trace.setSpanContext(context.active(), spanContext), () => {
      log.info('in the span');
      expect(outgoingHeaders()['traceparent']).toBe(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`);
    });
    log.info('beside the span');
  });
  expect(records()).toMatchObject([
    { trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), global_trace_id: 'g1', attributes: { order_id: 7 } },
    { trace_id: '0af7651916cd43dd8448eb211c80319c', global_trace_id: 'g1', attributes: { order_id: 7 } },
  ]);
  expect(records()[0]?.parent_span_id).toBeUndefined();
});

/** A pool as many drivers have it: callbacks of one request run when another gives its connection back. */
class CallbackPool {
  #free = 3;
  readonly #waiting: (() => void)[] = [];

  use(work: (release: () => void) => void): void {
    const run = (): void => work(() => this.#release());
    if (this.#free > 0) {
      this.#free -= 1;
      run();
    } else {
      this.#waiting.push(run);
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

class PromisePool {
  readonly #pool = new CallbackPool();

  acquire(): Promise<() => void> {
    return new Promise((resolve) => this.#pool.use(resolve));
  }
}

test('10,000 interleaved requests with timers, pools, emitters and late callbacks: no foreign field', async () => {
  const testLog = createTestLog();
  const { log } = testLog;
  const canary = createLeakCanary(testLog);
  const pools = { callbacks: new CallbackPool(), promises: new PromisePool() };
  const shared = bindEmitter(new EventEmitter()).setMaxListeners(0);
  const late: Promise<void>[] = [];

  async function request(): Promise<void> {
    const mark = canary.enter();
    const sing = (): void => canary.sing(log, mark);
    sing();
    await new Promise((resolve) => setImmediate(resolve));
    sing();
    const release = await pools.promises.acquire();
    sing();
    setImmediate(release);
    // Drivers that call back from another request's context are what bindContext is for.
    await new Promise<void>((resolve) => {
      pools.callbacks.use(
        bindContext((done) => {
          sing();
          setTimeout(() => {
            sing();
            done();
            resolve();
          }, 0);
        }),
      );
    });
    shared.once('news', sing);
    queueMicrotask(sing);
    process.nextTick(sing);
    late.push(
      new Promise((resolve) => {
        setTimeout(() => {
          sing();
          resolve();
        }, 5);
      }),
    );
  }

  const waves = 10;
  for (let wave = 0; wave < waves; wave += 1) {
    await Promise.all(Array.from({ length: 1000 }, () => withTrace({}, request)));
    // One request's event reaches the listeners of a thousand others.
    withTrace({}, () => shared.emit('news'));
  }
  await Promise.all(late);
  const singing = 9;
  expect(testLog.records({ message: 'canary' })).toHaveLength(10_000 * singing);
  expect(canary.strangers()).toEqual([]);
}, 120_000);

test('the canary sees a context that leaks', () => {
  const testLog = createTestLog();
  const canary = createLeakCanary(testLog);
  const mark = withTrace({}, () => canary.enter());
  withTrace({}, () => {
    canary.enter();
    canary.sing(testLog.log, mark);
  });
  expect(canary.strangers()).toHaveLength(1);
});
