/** Nothing there yet: the three lines, and a live connection that turns this page into the record by itself. */
import { useEffect, type ReactElement } from 'react';
import { liveUrl } from '../../api/search.js';
import { VISIBLE_AFTER_MS } from '../../limits.js';
import { say } from '../../words/dictionary.js';
import { homeWords } from '../../words/home.js';

const THREE_LINES = `import { createLogger } from '@sillok/node';
const log = createLogger({ service: 'orders', url: '${location.origin}' });
log.info({ order: { id: 7 } }, 'paid');`;

export function FirstRecord({ onArrived }: { onArrived: () => void }): ReactElement {
  useEffect(() => {
    const source = new EventSource(liveUrl(''));
    const arrived = (): void => {
      source.close();
      // The live tail comes from intake; a moment later the record is visible to search too.
      setTimeout(onArrived, VISIBLE_AFTER_MS);
    };
    source.addEventListener('record', arrived);
    source.addEventListener('message', arrived);
    return () => source.close();
  }, [onArrived]);
  const words = say(homeWords);
  return (
    <main id="content" className="first">
      <h1>{words.emptyTitle}</h1>
      <p>{words.emptyHelp}</p>
      <pre>{THREE_LINES}</pre>
      <p className="muted" aria-live="polite">
        <span className="pulse" aria-hidden="true" /> {words.waiting}
      </p>
    </main>
  );
}
