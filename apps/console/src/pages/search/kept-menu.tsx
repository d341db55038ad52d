/** Saved and starred searches of the server, recent ones of this browser. A star saves a search that was not. */
import type { SavedShape } from '@sillok/api';
import type { ReactElement, ReactNode } from 'react';
import { failureFrom } from '../../api/http.js';
import { removeSaved, saveSearch, savedSearches, setStar } from '../../api/saved.js';
import { useCall } from '../../api/use-call.js';
import { NAME_CHARACTERS_MAX } from '../../limits.js';
import { shown } from '../../text.js';
import { go, hrefHere, hrefOf } from '../../ui/address.js';
import { Icon } from '../../ui/icon.js';
import { Popover } from '../../ui/popover.js';
import { rangeParameters, useRange } from '../../ui/range.js';
import { useStore } from '../../ui/store.js';
import { refusalLine } from '../../ui/refusals.js';
import { toast } from '../../ui/toast.js';
import { say } from '../../words/dictionary.js';
import { searchWords } from '../../words/search.js';
import { recentSearches } from './recent.js';

interface KeptMenuProps {
  readonly q: string;
  readonly columns: readonly string[];
}

export function KeptMenu({ q, columns }: KeptMenuProps): ReactElement {
  const words = say(searchWords);
  const range = useRange();
  const { answer, again } = useCall('saved', savedSearches);
  const saved = answer?.saved.filter(({ language }) => language === 'search') ?? [];
  const mine = saved.find((each) => each.q === q);
  const act = (change: Promise<unknown>): void => {
    change.then(again, (cause: unknown) => {
      const failure = failureFrom(cause);
      if (failure !== undefined) toast(refusalLine(failure), 'failed');
    });
  };
  const star = async (): Promise<void> => {
    if (mine !== undefined) return void (await setStar(mine.id, !mine.starred));
    const { from = '0', to = '' } = range;
    const made = await saveSearch({
      name: q.slice(0, NAME_CHARACTERS_MAX),
      q,
      from,
      to,
      columns: [...columns],
    });
    await setStar(made.id, true);
  };
  return (
    <>
      <button
        type="button"
        className="quiet"
        aria-pressed={mine?.starred === true}
        aria-label={words.star}
        title={words.star}
        disabled={q === ''}
        onClick={() => act(star())}
      >
        <Icon name="star" filled={mine?.starred === true} />
      </button>
      <Popover label={words.kept} className="quiet" align="start" button={<>{words.kept}</>}>
        {(close) => <Lists saved={saved} onClose={close} onRemove={(id) => act(removeSaved(id))} />}
      </Popover>
    </>
  );
}

interface ListsProps {
  readonly saved: readonly SavedShape[];
  readonly onClose: () => void;
  readonly onRemove: (id: string) => void;
}

function Lists({ saved, onClose, onRemove }: ListsProps): ReactElement {
  const words = say(searchWords);
  const recent = useStore(recentSearches);
  const sorted = saved.toSorted((a, b) => Number(b.starred) - Number(a.starred));
  const open = (href: string): void => {
    onClose();
    go(href);
  };
  return (
    <>
      {sorted.length > 0 && <p className="section-title">{words.saved}</p>}
      <ul className="kept">
        {sorted.map((each) => (
          <Line
            key={each.id}
            text={each.name}
            onOpen={() => open(hrefOfSaved(each))}
            isStarred={each.starred}
          >
            {each.mine && (
              <button
                type="button"
                className="quiet"
                aria-label={`${words.remove}: ${shown(each.name)}`}
                onClick={() => onRemove(each.id)}
              >
                <Icon name="close" />
              </button>
            )}
          </Line>
        ))}
      </ul>
      <p className="section-title">{words.recent}</p>
      {recent.length === 0 && <p className="muted">{words.keptNone}</p>}
      <ul className="kept">
        {recent.map((each) => (
          <Line key={each} text={each} onOpen={() => open(hrefHere({ q: each }))} isStarred={false} />
        ))}
      </ul>
    </>
  );
}

function Line(props: {
  text: string;
  isStarred: boolean;
  onOpen: () => void;
  children?: ReactNode;
}): ReactElement {
  return (
    <li>
      <button type="button" className="kept-query" onClick={props.onOpen}>
        {props.isStarred && <Icon name="star" filled />}
        {shown(props.text)}
      </button>
      {props.children}
    </li>
  );
}

/** A saved search has a range of its own, relative or absolute. */
function hrefOfSaved({ q, range, from, to, columns }: SavedShape): string {
  const begin = range === '' ? from : range;
  const own = rangeParameters({
    from: begin === '' || begin === '0' ? undefined : begin,
    to: to || undefined,
  });
  return hrefOf('/search', { q, ...own, columns: columns.join(',') });
}
