/**
 * Requests of the page, by `fetch` and `XMLHttpRequest`: a client span each, with the click that caused it, and the ids of
 * the scenario in `traceparent` and `baggage` to the page's own origin and those that are allowed, to no other.
 *
 * The page sees what it would see without us: the same answers, the same errors, the same unhandled rejections.
 */
import { formatTraceparent } from '@sillok/context';
import { newSpanId } from '@sillok/record';
import type { Cause, Core } from './core.js';
import { ATTEMPTS_MAX } from './limits.js';
import { read } from './scenario.js';
import { nowMs, timeAt } from './time.js';
import type { Place } from './types.js';

interface Call {
  readonly headers: Readonly<Record<string, string>>;
  /** Status 0: no answer. */
  end(status: number, errorType?: string): void;
}

const TOO_OFTEN = 429;
const TIMEOUT = 408;

export function captureRequests(core: Core): void {
  patchFetch(core);
  patchXhr(core);
}

function patchFetch(core: Core): void {
  const native = window.fetch;
  const patched = function (this: unknown, input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const request = input instanceof Request ? input : undefined;
    const method = init?.method ?? request?.method ?? 'GET';
    const call = tryOpen(core, method, request?.url ?? String(input));
    if (call === undefined) return native.call(this, input, init);
    return native.call(this, input, withHeaders(call, request, init)).then(
      (response) => {
        call.end(response.status);
        return response;
      },
      (error: unknown) => {
        call.end(0, error instanceof Error && error.name === 'AbortError' ? 'aborted' : 'network');
        throw error;
      },
    );
  };
  window.fetch = patched;
  core.onStop(() => {
    if (window.fetch === patched) window.fetch = native;
  });
}

function withHeaders(
  { headers }: Call,
  request: Request | undefined,
  init?: RequestInit,
): RequestInit | undefined {
  const names = Object.keys(headers);
  if (names.length === 0) return init;
  const all = new Headers(init?.headers ?? request?.headers);
  for (const name of names) if (!all.has(name)) all.set(name, headers[name] ?? '');
  return { ...init, headers: all };
}

const OPENED = Symbol('sillok');
type Watched = XMLHttpRequest & { [OPENED]?: { readonly method: string; readonly url: string } };

function patchXhr(core: Core): void {
  const { prototype } = XMLHttpRequest;
  const { open, send } = prototype;
  const patchedOpen = function (this: Watched, ...values: [string, string | URL, ...unknown[]]): void {
    this[OPENED] = { method: values[0], url: String(values[1]) };
    Reflect.apply(open, this, values);
  };
  const patchedSend = function (this: Watched, body?: XMLHttpRequestBodyInit | Document | null): void {
    const opened = this[OPENED];
    const call = opened === undefined ? undefined : tryOpen(core, opened.method, opened.url);
    if (call !== undefined) {
      for (const name of Object.keys(call.headers)) this.setRequestHeader(name, call.headers[name] ?? '');
      let errorType = 'network';
      this.addEventListener('abort', () => (errorType = 'aborted'));
      this.addEventListener('timeout', () => (errorType = 'timeout'));
      this.addEventListener('loadend', () => call.end(this.status, errorType));
    }
    send.call(this, body);
  };
  // The types of overloads are lost on the way; the values are handed on as they came.
  prototype.open = patchedOpen as typeof open;
  prototype.send = patchedSend;
  core.onStop(() => {
    if (prototype.open === patchedOpen) prototype.open = open;
    if (prototype.send === patchedSend) prototype.send = send;
  });
}

/** Undefined when the request is none of ours, or when something about it is odd. Never throws. */
function tryOpen(core: Core, method: string, address: string): Call | undefined {
  let call: Call | undefined;
  core.guarded(() => {
    const url = new URL(address, location.href);
    if (/^https?:$/.test(url.protocol)) call = openCall(core, method.toUpperCase(), url);
  })();
  return call;
}

function openCall(core: Core, method: string, url: URL): Call {
  const cause = core.cause();
  const { traceId, spanId: parentId } = cause.place;
  const place: Place = { traceId, spanId: newSpanId(), parentId };
  const startMs = nowMs();
  const startedMs = performance.now();
  const asked = `${method} ${url.href}`;
  const resent = cause.attempts.get(asked) ?? 0;
  const isAllowed = url.origin === location.origin || core.options.propagateTo?.includes(url.origin) === true;
  const end = core.guarded((status: number, errorType?: string) => {
    const failed = status === 0 ? errorType : status >= 400 ? String(status) : undefined;
    noteOutcome(cause, asked, { resent, status });
    const what = `${method} ${url.origin === location.origin ? '' : url.origin}${url.pathname}`;
    core.span(`${what} ${failed ?? status}`, () => ({
      level: failed === undefined ? 'info' : 'error',
      message: what,
      place,
      attributes: {
        'span.kind': 'client',
        'span.start_time': timeAt(startMs),
        duration_ms: Math.round((performance.now() - startedMs) * 1000) / 1000,
        'http.request.method': method,
        'http.response.status_code': status || undefined,
        'server.address': url.hostname,
        'server.port': Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
        'url.path': url.pathname,
        'error.type': failed,
        'otel.status_code': failed && 'ERROR',
        'http.request.resend_count': resent || undefined,
        'browser.cause.span_id': parentId,
        'browser.cause.delay_ms': Math.round(startMs - cause.ms),
      },
    }));
  });
  return { headers: isAllowed ? headersFor(place, core) : {}, end };
}

function headersFor({ traceId, spanId }: Place, { options, scenario }: Core): Record<string, string> {
  const { ids } = scenario;
  const version = options.release ? `,sillok.client.version=${encodeURIComponent(options.release)}` : '';
  return {
    traceparent: formatTraceparent({ traceId, parentId: spanId, sampled: true, random: true }),
    // No hashes: services believe them from nobody, and make them themselves. An id needs no encoding (`scenario.ts`).
    baggage: `sillok.global_trace_id=${ids.global_trace_id}${version}${debugRoute()}`,
  };
}

/** A rule that a developer put into this tab, so that their requests go to copies (docs/guides/debug-routing.md). */
function debugRoute(): string {
  const rule = read('sessionStorage', 'sillok-route');
  // Anything else would make the header invalid, and with it the page's request.
  return /^[\w.-]+$/.test(rule) ? `,sillok.route=${rule}` : '';
}

/** What failed and is asked again within one cause is a retry; a second request after a good answer is none. */
function noteOutcome(
  { attempts }: Cause,
  key: string,
  made: { readonly resent: number; readonly status: number },
): void {
  const { resent, status } = made;
  const isFailure = status === 0 || status >= 500 || status === TOO_OFTEN || status === TIMEOUT;
  if (!isFailure) attempts.delete(key);
  else if (attempts.has(key) || attempts.size < ATTEMPTS_MAX) attempts.set(key, resent + 1);
}
