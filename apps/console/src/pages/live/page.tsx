/** Live: records as the server takes them. Follows the newest, stands still while read, says what was skipped. */
import type { Envelope } from '@sillok/record';
import { useState, type ReactElement } from 'react';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { useKeys } from '../../ui/keys.js';
import { QueryBar } from '../../ui/query-bar.js';
import { RecordDetail } from '../../ui/record-detail.js';
import { RecordRow } from '../../ui/record-row.js';
import { say } from '../../words/dictionary.js';
import { liveWords } from '../../words/live.js';
import { useLive } from './use-live.js';

const STILL_PX = 8;

export function Page(): ReactElement {
  const q = useAddress().parameters.get('q') ?? '';
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<Envelope>();
  const { state, act, connected } = useLive(q, paused);
  const words = say(liveWords);

  const toggle = (): void => {
    if (paused) act({ type: 'resume' });
    setPaused(!paused);
  };
  useKeys([{ keys: 'p', label: paused ? words.resume : words.pause, act: toggle }]);
  const follow = (next: string): void => go(hrefHere({ q: next }));
  return (
    <main id="content" className="page search">
      <QueryBar q={q} onRun={follow} withRange={false} />
      <p className="trust" aria-live="polite">
        <button type="button" className={paused ? 'loud' : undefined} onClick={toggle}>
          <Icon name={paused ? 'play' : 'pause'} /> {paused ? words.resume : words.pause}
        </button>
        <span className={connected && !paused ? undefined : 'warning'}>
          {paused ? words.paused : connected ? words.following : words.connecting}
        </span>
        {state.heldCount > 0 && <strong>{words.newOnes(formatNumber(state.heldCount))}</strong>}
        {state.skipped > 0 && <span className="warning">{words.skipped(formatNumber(state.skipped))}</span>}
      </p>
      <div className={chosen === undefined ? 'result' : 'result with-detail'}>
        <div
          className="list live"
          onScroll={(event) => {
            if (event.currentTarget.scrollTop > STILL_PX && !paused) setPaused(true);
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
          <RecordDetail
            record={chosen}
            narrow={(term) => follow(`${q} ${term}`.trim())}
            onChoose={setChosen}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </main>
  );
}
