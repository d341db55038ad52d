/** Nothing there yet: the three lines, and a live connection that turns this page into the record by itself. */
import { useEffect, useState, type ReactElement } from 'react';
import { liveUrl } from '../../api/search.js';
import { VISIBLE_AFTER_MS } from '../../limits.js';
import { copyText } from '../../ui/copy.js';
import { Icon } from '../../ui/icon.js';
import { say } from '../../words/dictionary.js';
import { frameWords } from '../../words/frame.js';
import { homeWords } from '../../words/home.js';
import { DemoBanner, DemoOffer } from './demo.js';
import { NOT_OURS } from './not-ours.js';
import { snippets } from './snippets.js';

export function FirstRecord({ onArrived }: { onArrived: () => void }): ReactElement {
  const [chosen, setChosen] = useState(0);
  const words = say(homeWords);
  const all = snippets(location.origin);
  const code = all[chosen]?.code ?? '';
  useEffect(() => {
    const source = new EventSource(liveUrl(NOT_OURS));
    const arrived = (): void => {
      source.close();
      // The live tail comes from intake; a moment later the record is visible to search too.
      setTimeout(onArrived, VISIBLE_AFTER_MS);
    };
    source.addEventListener('record', arrived);
    source.addEventListener('message', arrived);
    return () => source.close();
  }, [onArrived]);
  return (
    <main id="content" className="page">
      <DemoBanner />
      <section className="first">
        <h1>{words.emptyTitle}</h1>
        <p>{words.emptyHelp}</p>
        <div className="tabs" role="tablist" aria-label={words.emptyTitle}>
          {all.map(({ name }, index) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={index === chosen}
              onClick={() => setChosen(index)}
            >
              {name}
            </button>
          ))}
        </div>
        <div className="snippet">
          <pre tabIndex={0}>{code}</pre>
          <button type="button" onClick={() => void copyText(code)}>
            <Icon name="copy" /> {say(frameWords).copy}
          </button>
        </div>
        <p className="small muted">{words.keyHelp}</p>
        <p className="muted" aria-live="polite">
          <span className="pulse" aria-hidden="true" /> {words.waiting}
        </p>
        <DemoOffer />
      </section>
    </main>
  );
}
