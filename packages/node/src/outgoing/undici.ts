/**
 * `fetch` and undici, by the channels on which undici tells what it does. They belong to its public interface; the copy inside of
 * Node and one from npm speak on the same ones.
 *
 * One thing they do not tell: a `fetch` that is given up before its connection stands fails with an `AbortError`, whatever the
 * signal's reason was. So Node's own `fetch` is wrapped, for calls with a signal only, and the signal is asked.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { parseTraceparent } from '@sillok/context';
import { openCall, type CallSettings, type ClientCall } from './client-call.js';

interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** Names and values in turn; one text of lines in old versions. */
  headers: unknown[] | string;
  addHeader?: (name: string, value: string) => unknown;
}

type Listener = (message: unknown, name: string | symbol) => void;

/** Returns what ends it. */
export function watchUndici(settings: CallSettings): () => void {
  const calls = new WeakMap<object, ClientCall>();
  const signals = new AsyncLocalStorage<AbortSignal>();
  const signalOf = new WeakMap<object, AbortSignal>();
  const callOf = (message: unknown): ClientCall | undefined => {
    const request = fieldOf(message, 'request');
    return typeof request === 'object' && request !== null ? calls.get(request) : undefined;
  };
  const listeners: { readonly [channel: string]: Listener } = {
    'undici:request:create': (message) => {
      const request = fieldOf(message, 'request');
      if (!isRequest(request)) return;
      begin(request, settings, calls);
      const signal = signals.getStore();
      if (signal !== undefined) signalOf.set(request, signal);
    },
    'undici:request:headers': (message) => {
      const status = fieldOf(fieldOf(message, 'response'), 'statusCode');
      if (typeof status === 'number') callOf(message)?.response(status);
    },
    'undici:request:trailers': (message) => callOf(message)?.end(),
    'undici:request:error': (message) => {
      const request = fieldOf(message, 'request');
      const signal = typeof request === 'object' && request !== null ? signalOf.get(request) : undefined;
      callOf(message)?.fail(reasonOf(fieldOf(message, 'error'), signal));
    },
  };
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  const releaseFetch = noteSignals(signals);
  return () => {
    releaseFetch();
    for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
  };
}

/** `globalThis.fetch` runs with its signal in sight. Returns what ends it. */
function noteSignals(signals: AsyncLocalStorage<AbortSignal>): () => void {
  const original = globalThis.fetch;
  if (typeof original !== 'function') return () => undefined;
  const fetch: typeof original = (input, init) => {
    const given = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    return given === undefined ? original(input, init) : signals.run(given, original, input, init);
  };
  globalThis.fetch = fetch;
  return () => {
    // Whoever wrapped ours since then keeps it.
    if (globalThis.fetch === fetch) globalThis.fetch = original;
  };
}

function reasonOf(error: unknown, signal: AbortSignal | undefined): unknown {
  const isUnsaid = error instanceof Error && error.name === 'AbortError';
  return isUnsaid && signal?.aborted === true ? signal.reason : error;
}

function begin(request: UndiciRequest, settings: CallSettings, calls: WeakMap<object, ClientCall>): void {
  const { origin } = request;
  const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : origin;
  if (typeof url === 'string') return;
  const isSecure = url.protocol === 'https:';
  const call = openCall(
    {
      method: request.method,
      isSecure,
      host: url.hostname,
      port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
      path: request.path,
      header: (name) => headerOf(request.headers, name),
    },
    settings,
  );
  if (call === undefined) return;
  calls.set(request, call);
  const { headers } = call;
  for (const [name, value] of Object.entries(headers)) setHeader(request, name, value);
  if (headers['traceparent'] !== undefined) giveWay(request, call, calls);
}

/** An instrumentation that comes after us adds its `traceparent`: two of them on a request are none. */
function giveWay(request: UndiciRequest, call: ClientCall, calls: WeakMap<object, ClientCall>): void {
  const { addHeader } = request;
  if (addHeader === undefined) return;
  request.addHeader = (name, value) => {
    if (!(name.toLowerCase() in call.headers)) return addHeader.call(request, name, value);
    setHeader(request, name, value);
    const given = name.toLowerCase() === 'traceparent' ? parseTraceparent(value) : undefined;
    if (given === undefined) return request;
    const other = call.yieldTo(given);
    if (other === undefined) calls.delete(request);
    else calls.set(request, other);
    return request;
  };
}

function headerOf(headers: UndiciRequest['headers'], name: string): string | undefined {
  if (typeof headers === 'string') return new RegExp(`^${name}: *(.*)$`, 'im').exec(headers)?.[1]?.trim();
  const place = placeOf(headers, name);
  return place < 0 ? undefined : String(headers[place + 1]);
}

function setHeader(request: UndiciRequest, name: string, value: string): void {
  const { headers } = request;
  if (typeof headers === 'string') {
    request.headers = `${headers}${name}: ${value}\r\n`;
    return;
  }
  const place = placeOf(headers, name);
  if (place < 0) headers.push(name, value);
  else headers[place + 1] = value;
}

function placeOf(headers: readonly unknown[], name: string): number {
  for (let place = 0; place < headers.length; place += 2) {
    if (String(headers[place]).toLowerCase() === name) return place;
  }
  return -1;
}

function isRequest(value: unknown): value is UndiciRequest {
  if (typeof value !== 'object' || value === null) return false;
  const { method, path, headers, origin } = value as Partial<UndiciRequest>; // read, and checked next
  const isText = typeof method === 'string' && typeof path === 'string' && origin !== undefined;
  return isText && (typeof headers === 'string' || Array.isArray(headers));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
