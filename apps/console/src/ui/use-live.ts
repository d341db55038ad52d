/** Follows a query as the server takes records; what arrives is drawn a few times a second, however fast it comes. */
import type { Envelope } from '@sillok/record';
import { useEffect, useReducer, useRef, useState, type Dispatch } from 'react';
import { failureFrom, type Failure } from '../api/http.js';
import { estimate, liveUrl } from '../api/search.js';
import { DRAW_EVERY_MS } from '../limits.js';
import { createArrivals, NOTHING, reduce, type Action, type LiveState } from './live-state.js';

interface Live {
  readonly state: LiveState;
  readonly act: Dispatch<Action>;
  readonly connected: boolean;
  /** Why the server would not follow this query. */
  readonly refused: Failure | undefined;
}

export function useLive(q: string, paused: boolean, onRecord?: (record: Envelope) => void): Live {
  const [state, act] = useReducer(reduce, NOTHING);
  const [connected, setConnected] = useState(false);
  const [refused, setRefused] = useState<Failure>();
  const latest = useRef({ paused, onRecord });
  latest.current = { paused, onRecord };

  useEffect(() => {
    act({ type: 'clear' });
    setRefused(undefined);
    const arrivals = createArrivals();
    const source = new EventSource(liveUrl(q));
    source.addEventListener('open', () => setConnected(true));
    source.addEventListener('error', () => {
      setConnected(false);
      // A closed source will not try again by itself: the session is over or the query was refused.
      if (source.readyState === EventSource.CLOSED) void askWhyClosed(q).then(setRefused);
    });
    const take = (event: MessageEvent<string>): void => {
      // The server's events carry one envelope of the public contract each.
      const record = JSON.parse(event.data) as Envelope;
      arrivals.add(record);
      latest.current.onRecord?.(record);
    };
    source.addEventListener('record', take);
    source.addEventListener('message', take);
    source.addEventListener('skipped', (event: MessageEvent<string>) => {
      act({ type: 'skipped', count: skippedOf(JSON.parse(event.data)) });
    });
    const timer = setInterval(() => {
      const arrived = arrivals.take();
      if (arrived.records.length > 0) act({ type: 'arrived', ...arrived, hold: latest.current.paused });
    }, DRAW_EVERY_MS);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [q]);
  return { state, act, connected, refused };
}

/** A closed stream carries no reason. The same query, only estimated, is refused for the same one. */
async function askWhyClosed(q: string): Promise<Failure | undefined> {
  if (q.includes('|')) {
    const failure = await fetch(liveUrl(q)).then(
      (answer) => answer.json(),
      () => undefined,
    );
    return failureOfBody(failure);
  }
  return estimate({ q }, 1).then(() => undefined, failureFrom);
}

function failureOfBody(body: unknown): Failure | undefined {
  const error: unknown = Object(body).error;
  if (error === null || typeof error !== 'object') return undefined;
  return { status: 400, code: 'refused', message: '', help: '', ...error };
}

function skippedOf(body: unknown): number {
  return body !== null && typeof body === 'object' && 'skipped' in body ? Number(body.skipped) : Number(body);
}
