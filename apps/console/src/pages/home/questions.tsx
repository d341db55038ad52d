/** Questions that are asked every week, ready to be asked: each is a search with gaps to fill in. */
import type { QuestionCard } from '@sillok/api';
import { writeValue } from '@sillok/query';
import { useState, type FormEvent, type ReactElement } from 'react';
import { savedSearches } from '../../api/saved.js';
import { useCall } from '../../api/use-call.js';
import { shown } from '../../text.js';
import { go, hrefOf } from '../../ui/address.js';
import { rangeParameters } from '../../ui/range.js';
import { languageStore, say } from '../../words/dictionary.js';
import { homeWords } from '../../words/home.js';

const GAP = /\{([a-z][a-z0-9_]*)\}/g;

export function Questions(): ReactElement | null {
  const words = say(homeWords);
  const { answer } = useCall('saved', savedSearches);
  if (answer === undefined || answer.cards.length === 0) return null;
  return (
    <section className="questions" aria-labelledby="questions">
      <h2 id="questions">{words.questions}</h2>
      <div className="cards">
        {answer.cards.map((card) => (
          <Card key={card.id} card={card} />
        ))}
      </div>
    </section>
  );
}

function Card({ card }: { card: QuestionCard }): ReactElement {
  const language = languageStore.get();
  const [values, setValues] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(card.params.map(({ name, preset }) => [name, preset])),
  );
  const title = shown(card.title[language]);
  const isFilled = card.params.every(({ name }) => (values[name] ?? '').trim() !== '');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isFilled) return;
    // What is filled in is one value, whatever it contains.
    const q = card.q.replaceAll(GAP, (_, name: string) => writeValue((values[name] ?? '').trim()));
    go(hrefOf('/search', { q, ...rangeParameters({ from: card.range || undefined, to: undefined }) }));
  };
  return (
    <form className="card question" onSubmit={onSubmit}>
      <h3>{title}</h3>
      <div className="question-line">
        {card.params.map(({ name, label }) => (
          <input
            key={name}
            aria-label={`${title}: ${label[language]}`}
            placeholder={label[language]}
            title={label[language]}
            value={values[name] ?? ''}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
        ))}
        <button type="submit" disabled={!isFilled}>
          {say(homeWords).ask}
        </button>
      </div>
    </form>
  );
}
