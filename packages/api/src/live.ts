/**
 * The live tail as an async iterable that survives a broken connection: it reconnects with `Last-Event-ID`, so that
 * what was admitted meanwhile still arrives, once and in order. Ends when the signal aborts.
 */
import type { Envelope } from '@sillok/record';
import { ApiError } from './errors.js';
import type { Http } from './http.js';
import { LIVE_RETRY_MS_MAX, LIVE_RETRY_MS_MIN } from './limits.js';
import { pathOf } from './routes.js';
import { createSseParser, type ServerEvent } from './sse.js';

export type LiveEvent =
  | { readonly type: 'record'; readonly id: string; readonly record: Envelope }
  /** The reader was slow: so many matching records were left out here. */
  | { readonly type: 'skipped'; readonly id: string; readonly skipped: number }
  /** Connected (again). */
  | { readonly type: 'open' };

export interface LiveParams {
  readonly q?: string;
  readonly lastEventId?: string;
  readonly signal?: AbortSignal;
  /** Reconnect after a broken connection. Default true. */
  readonly reconnect?: boolean;
}

export async function* live(http: Http, params: LiveParams): AsyncGenerator<LiveEvent> {
  const place = { lastEventId: params.lastEventId ?? '', pauseMs: LIVE_RETRY_MS_MIN };
  while (!params.signal?.aborted) {
    try {
      yield* followed(http, params, place);
    } catch (error) {
      if (params.signal?.aborted) return;
      if (params.reconnect === false || !isPassing(error)) throw error;
    }
    if (params.reconnect === false) return;
    await pause(place.pauseMs, params.signal);
    place.pauseMs = Math.min(place.pauseMs * 2, LIVE_RETRY_MS_MAX);
  }
}

/** One connection to its end; `place` moves with what has been given on. */
async function* followed(
  http: Http,
  params: LiveParams,
  place: { lastEventId: string; pauseMs: number },
): AsyncGenerator<LiveEvent> {
  for await (const event of connection(http, { ...params, lastEventId: place.lastEventId })) {
    if ('id' in event && event.id !== '') place.lastEventId = event.id;
    place.pauseMs = LIVE_RETRY_MS_MIN;
    yield event;
  }
}

async function* connection(http: Http, params: LiveParams): AsyncGenerator<LiveEvent> {
  const { lastEventId = '' } = params;
  const response = await http.send({
    path: pathOf('live'),
    query: { q: params.q },
    headers: { accept: 'text/event-stream', ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }) },
    signal: params.signal,
  });
  yield { type: 'open' };
  const parser = createSseParser(lastEventId);
  if (response.body === null) return;
  // The DOM types of fetch do not say that a body is async iterable; in Node it is.
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    for (const event of parser.push(bytes)) {
      const read = readEvent(event);
      if (read) yield read;
    }
  }
}

function readEvent(event: ServerEvent): LiveEvent | undefined {
  if (event.event !== 'message' && event.event !== 'skipped') return undefined;
  const id = event.id;
  const value: unknown = JSON.parse(event.data);
  // Both are the server's own shapes.
  if (event.event === 'message') return { type: 'record', id, record: value as Envelope };
  return { type: 'skipped', id, skipped: (value as { skipped: number }).skipped }; // as above
}

/** Worth another attempt: no answer, or an answer that says "later". */
function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true;
  return error.status === 0 || error.status === 429 || error.status >= 500;
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms * (0.5 + Math.random() / 2));
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
