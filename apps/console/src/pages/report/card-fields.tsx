/** The cards of a report, to be edited. */
import type { ReactElement } from 'react';
import type { ReportBody } from '@sillok/api';
import { Choice, Field } from '../../ui/field.js';
import { say } from '../../words/dictionary.js';
import { reportWords } from '../../words/reports.js';
import { DatabaseChoice } from '../dashboards/database-choice.js';

type CardDraft = ReportBody['cards'][number];

export function CardFields(props: {
  cards: readonly CardDraft[];
  onChange: (cards: CardDraft[]) => void;
}): ReactElement {
  const words = say(reportWords);
  const { cards, onChange } = props;
  const measures = [
    ['calls', words.calls],
    ['people', words.people],
    ['error_rate', words.errorRate],
    ['p50', words.p50],
    ['p95', words.p95],
    ['sum', words.sum],
    ['avg', words.avg],
  ] as const;
  return (
    <>
      {cards.map((card, index) => {
        const set = (part: Partial<CardDraft>): void => onChange(cards.with(index, { ...card, ...part }));
        const database = card.database ?? '';
        const needsField = database === '' && ['p50', 'p95', 'sum', 'avg'].includes(card.measure);
        // Of a database's number only this is known: whether twice the time makes twice as much of it.
        const own = measures.filter(([measure]) => database === '' || measure === 'sum' || measure === 'avg');
        return (
          <fieldset key={index} className="card panel-fields">
            <legend>{card.title || words.cardTitle}</legend>
            <Field label={words.cardTitle} required value={card.title} onText={(title) => set({ title })} />
            <DatabaseChoice
              value={database}
              onChoose={(name) => set({ database: name, measure: name === '' ? 'calls' : 'sum' })}
            />
            <div className="wide">
              <Field
                label={database === '' ? words.search : words.statement}
                value={card.q ?? ''}
                onText={(q) => set({ q })}
              />
            </div>
            <Choice
              label={words.measure}
              value={card.measure}
              choices={own}
              onChoose={(measure) => set({ measure })}
            />
            {needsField && (
              <Field
                label={words.field}
                value={card.field ?? 'duration_ms'}
                onText={(field) => set({ field })}
              />
            )}
            <button type="button" onClick={() => onChange(cards.toSpliced(index, 1))}>
              {words.remove}
            </button>
          </fieldset>
        );
      })}
      <p>
        <button
          type="button"
          onClick={() => onChange([...cards, { title: words.calls, q: '', measure: 'calls' }])}
        >
          {words.addCard}
        </button>
      </p>
    </>
  );
}
