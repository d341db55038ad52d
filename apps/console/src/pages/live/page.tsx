/** Live: records as the server takes them. Follows the newest, stands still while read, says what was skipped. */
import type { Envelope } from '@sillok/record';
import { useEffect, useState, type ReactElement } from 'react';
import { go, hrefHere, useAddress } from '../../ui/address.js';
import { formatNumber } from '../../ui/format.js';
import { Icon } from '../../ui/icon.js';
import { useKeys } from '../../ui/keys.js';
import { QueryBar } from '../../ui/query-bar.js';
import { RecordDetail } from '../../ui/record-detail.js';
import { Empty } from '../../ui/states.js';
import { createKeptStore, useStore } from '../../ui/store.js';
import { say } from '../../words/dictionary.js';
import { liveWords } from '../../words/live.js';
import { LiveList } from './live-list.js';
import { mirror } from './mirror.js';
import { useLive } from '../../ui/use-live.js';

const isText = (value: unknown): value is string => typeof value === 'string';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const lastFilter = createKeptStore('sillok.live', '', isText);
const mirrorStore = createKeptStore('sillok.mirror', false, isFlag);

const follow = (q: string): void => go(hrefHere({ q }));

export function Page(): ReactElement {
  const { parameters } = useAddress();
  const given = parameters.get('q');
  // Coming back without a filter in the address means the one that was followed before.
  useEffect(() => {
    if (given === null && lastFilter.get() !== '') go(hrefHere({ q: lastFilter.get() }), { replace: true });
  }, [given]);
  const q = given ?? '';
  const [paused, setPaused] = useState(false);
  const [chosen, setChosen] = useState<Envelope>();
  const { state, act, connected, refused } = useLive(q, paused, useStore(mirrorStore) ? mirror : undefined);
  const words = say(liveWords);
  const resume = (): void => {
    act({ type: 'resume' });
    setPaused(false);
  };
  const toggle = (): void => (paused ? resume() : setPaused(true));
  useKeys([
    { keys: 'p', label: paused ? words.resume : words.pause, act: toggle },
    { keys: 'Escape', label: words.keyClose, act: () => setChosen(undefined) },
  ]);
  const run = (next: string): void => {
    lastFilter.set(next);
    follow(next);
  };
  return (
    <main id="content" className="page search">
      <QueryBar q={q} failure={refused} onRun={run} withRange={false} />
      <LiveBar paused={paused} connected={connected} held={state.heldCount} onToggle={toggle} />
      {state.skipped > 0 && (
        <p className="banner" role="alert">
          {words.skipped(formatNumber(state.skipped))}
        </p>
      )}
      <div className={chosen === undefined ? 'result plain' : 'result plain with-detail'}>
        {state.shown.length === 0 ? (
          <Empty title={words.nothing} help={words.nothingHelp} />
        ) : (
          <LiveList
            records={state.shown}
            chosen={chosen}
            isHeld={paused}
            onChoose={setChosen}
            onHold={() => setPaused(true)}
          />
        )}
        {chosen !== undefined && (
          <RecordDetail
            record={chosen}
            narrow={(term) => run(`${q} ${term}`.trim())}
            onChoose={setChosen}
            onClose={() => setChosen(undefined)}
          />
        )}
      </div>
    </main>
  );
}

function LiveBar(props: {
  paused: boolean;
  connected: boolean;
  held: number;
  onToggle: () => void;
}): ReactElement {
  const { paused, connected, held, onToggle } = props;
  const words = say(liveWords);
  const isMirrored = useStore(mirrorStore);
  return (
    <div className="trust live-bar" data-paused={paused}>
      <button type="button" className={paused ? 'loud' : undefined} onClick={onToggle}>
        <Icon name={paused ? 'play' : 'pause'} /> {paused ? words.resume : words.pause}
      </button>
      <span className={connected && !paused ? 'good' : 'warning'} role="status">
        {paused ? words.paused : connected ? words.following : words.connecting}
      </span>
      {held > 0 && (
        <button type="button" className="primary" onClick={onToggle}>
          ↑ {words.newOnes(formatNumber(held))}
        </button>
      )}
      <span className="spring" />
      <label>
        <input
          type="checkbox"
          checked={isMirrored}
          onChange={(event) => mirrorStore.set(event.target.checked)}
        />{' '}
        {words.mirror}
      </label>
    </div>
  );
}
