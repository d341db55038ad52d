/** Follows a query as the server takes records; what arrives is drawn a few times a second, however fast it comes. */
import type { Envelope } from '@sillok/record';
import { useEffect, useReducer, useRef, useState } from 'react';
import { failureFrom, type Failure } from '../api/http.js';
import { estimate, liveUrl } from '../api/search.js';
import { DRAW_EVERY_MS, KEPT_RECORDS_MAX } from '../limits.js';

interface State {
  /** Newest first. */
  readonly shown: readonly Envelope[];
  /** What came while the page stood still. */
  readonly held: readonly Envelope[];
  /** How many came while it stood still, also those that `held` has no room for. */
  readonly heldCount: number;
  readonly skipped: number;
}

type Action =
  | { readonly type: 'arrived'; readonly records: readonly Envelope[]; readonly hold: boolean }
  | { readonly type: 'skipped'; readonly count: number }
  | { readonly type: 'resume' }
  | { readonly type: 'clear' };

const NOTHING: State = { shown: [], held: [], heldCount: 0, skipped: 0 };

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'arrived': {
      const newest = action.records.toReversed();
      const held = [...newest, ...state.held].slice(0, KEPT_RECORDS_MAX);
      const heldCount = state.heldCount + newest.length;
      if (action.hold) return { ...state, held, heldCount };
      return {
        ...state,
        shown: [...held, ...state.shown].slice(0, KEPT_RECORDS_MAX),
        held: [],
        heldCount: 0,
      };
    }
    case 'skipped':
      return { ...state, skipped: state.skipped + action.count };
    case 'resume':
      return {
        ...state,
        shown: [...state.held, ...state.shown].slice(0, KEPT_RECORDS_MAX),
        held: [],
        heldCount: 0,
      };
    case 'clear':
      return NOTHING;
  }
}

interface Live {
  readonly state: State;
  readonly act: (action: Action) => void;
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
    let waiting: Envelope[] = [];
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
      waiting.push(record);
      latest.current.onRecord?.(record);
      if (waiting.length > KEPT_RECORDS_MAX) waiting = waiting.slice(-KEPT_RECORDS_MAX);
    };
    source.addEventListener('record', take);
    source.addEventListener('message', take);
    source.addEventListener('skipped', (event: MessageEvent<string>) => {
      act({ type: 'skipped', count: skippedOf(JSON.parse(event.data)) });
    });
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      act({ type: 'arrived', records: waiting, hold: latest.current.paused });
      waiting = [];
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
