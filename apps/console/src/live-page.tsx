/** Live: records as the server takes them. Follows the newest, stands still while read, says what was skipped. */
import type { Envelope } from '@sillok/record';
import { useEffect, useReducer, useRef, useState, type ReactElement } from 'react';
import { api } from './api.js';
import type { Place } from './app.js';
import { Detail } from './detail.js';
import { DRAW_EVERY_MS, KEPT_RECORDS_MAX } from './limits.js';
import { QueryLine } from './query-line.js';
import { RecordRow } from './record-row.js';
import type { Words } from './words.js';

interface Props {
  readonly words: Words;
  readonly place: Place;
  readonly go: (place: Place) => void;
  readonly onSignedOut: () => void;
}

interface State {
  readonly shown: readonly Envelope[];
  readonly held: readonly Envelope[];
  readonly skipped: number;
}

type Action =
  | { readonly type: 'arrived'; readonly records: readonly Envelope[]; readonly hold: boolean }
  | { readonly type: 'skipped'; readonly count: number }
  | { readonly type: 'resume' }
  | { readonly type: 'clear' };

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'arrived': {
      const newest = action.records.toReversed();
      if (action.hold) return { ...state, held: [...newest, ...state.held].slice(0, KEPT_RECORDS_MAX) };
      return {
        ...state,
        shown: [...newest, ...state.held, ...state.shown].slice(0, KEPT_RECORDS_MAX),
        held: [],
      };
    }
    case 'skipped':
      return { ...state, skipped: state.skipped + action.count };
    case 'resume':
      return { ...state, shown: [...state.held, ...state.shown].slice(0, KEPT_RECORDS_MAX), held: [] };
    case 'clear':
      return { shown: [], held: [], skipped: 0 };
  }
}

interface Live {
  readonly state: State;
  readonly act: (action: Action) => void;
  readonly connected: boolean;
}

/** Follows the query; what arrives is drawn a few times a second, however fast it comes. */
function useLive(q: string, paused: boolean, onSignedOut: () => void): Live {
  const [state, act] = useReducer(reduce, { shown: [], held: [], skipped: 0 });
  const [connected, setConnected] = useState(false);
  const hold = useRef(false);
  hold.current = paused;

  useEffect(() => {
    act({ type: 'clear' });
    let waiting: Envelope[] = [];
    const source = new EventSource(api.liveUrl(q));
    source.addEventListener('open', () => setConnected(true));
    source.addEventListener('error', () => {
      setConnected(false);
      // A closed source will not try again by itself: the session is over or the query was refused.
      if (source.readyState === EventSource.CLOSED) {
        fetch(api.liveUrl(q), { method: 'HEAD' }).then(
          (answer) => {
            if (answer.status === 401) onSignedOut();
          },
          () => undefined,
        );
      }
    });
    const onRecord = (event: MessageEvent<string>): void => {
      // The server's events carry one envelope of the public contract each.
      waiting.push(JSON.parse(event.data) as Envelope);
      if (waiting.length > KEPT_RECORDS_MAX) waiting = waiting.slice(-KEPT_RECORDS_MAX);
    };
    source.addEventListener('record', onRecord);
    source.addEventListener('message', onRecord);
    source.addEventListener('skipped', (event: MessageEvent<string>) => {
      const body: unknown = JSON.parse(event.data);
      const count =
        body !== null && typeof body === 'object' && 'skipped' in body ? Number(body.skipped) : Number(body);
      act({ type: 'skipped', count });
    });
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      act({ type: 'arrived', records: waiting, hold: hold.current });
      waiting = [];
    }, DRAW_EVERY_MS);
    return () => {
      clearInterval(timer);
      source.close();
    };
  }, [q, onSignedOut]);

  return { state, act, connected };
}

export function LivePage({ words, place, go, onSignedOut }: Props): ReactElement {
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<Envelope>();
  const { state, act, connected } = useLive(place.q, paused, onSignedOut);

  const toggle = (): void => {
    if (paused) act({ type: 'resume' });
    setPaused(!paused);
  };
  return (
    <main className="search">
      <QueryLine words={words} place={place} failure={undefined} onRun={go} />
      <p className="trust" aria-live="polite">
        <button type="button" className={paused ? 'loud' : undefined} onClick={toggle}>
          {paused ? words.resume : words.pause}
        </button>
        <span className={connected ? undefined : 'warning'}>
          {paused ? words.paused : connected ? words.connected : words.connecting}
        </span>
        {state.held.length > 0 && (
          <span>
            {state.held.length.toLocaleString()} {words.newOnes}
          </span>
        )}
        {state.skipped > 0 && (
          <span className="warning">
            {state.skipped.toLocaleString()} {words.skippedLive}
          </span>
        )}
      </p>
      <div className={chosen === undefined ? 'result' : 'result with-detail'}>
        <div
          className="list live"
          onScroll={(event) => {
            const away = event.currentTarget.scrollTop > 8;
            if (away && !paused) setPaused(true);
          }}
        >
          {state.shown.map((record) => (
            <RecordRow
              key={`${record.producer}/${record.boot}/${record.seq}`}
              record={record}
              chosen={record === chosen}
              onChoose={setChosen}
            />
          ))}
        </div>
        {chosen !== undefined && (
          <Detail
            record={chosen}
            words={words}
            narrow={(term) => go({ ...place, q: `${place.q} ${term}`.trim() })}
            jump={(q) => go({ ...place, page: 'search', q })}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </main>
  );
}
