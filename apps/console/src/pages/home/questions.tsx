/** Questions that are asked every week, ready to be asked: each is a search with gaps to fill in. */
import { useState, type FormEvent, type ReactElement } from 'react';
import { writeValue } from '@sillok/query';
import { go, hrefOf } from '../../ui/address.js';
import { rangeParameters } from '../../ui/range.js';
import { languageStore, say, type Language } from '../../words/dictionary.js';
import { questionWords } from '../../words/questions.js';

interface Question {
  readonly name: Exclude<keyof typeof questionWords.en, 'title' | 'ask'>;
  /** `{…}` is filled in; the name is that of the field whose value it is. */
  readonly q: string;
  readonly from: string;
}

const QUESTIONS: readonly Question[] = [
  { name: 'errorsNow', q: 'level:>=error', from: '-1h' },
  { name: 'customerErrors', q: 'user_hash:{user_hash} level:>=error', from: '-7d' },
  {
    name: 'slowest',
    q: 'kind:access | stats count(), p95(duration_ms) as p95, max(duration_ms) as max by service.name, http.route | sort -p95 | limit 50',
    from: '-24h',
  },
  {
    name: 'sinceRelease',
    q: 'service.version:{service.version} level:>=warn | stats count() as n by service.name, message | sort -n | limit 100',
    from: '-7d',
  },
  {
    name: 'failingRoutes',
    q: 'kind:access http.response.status_code:>=500 | stats count() as n by service.name, http.route, http.response.status_code | sort -n | limit 50',
    from: '-24h',
  },
  { name: 'oneOrder', q: 'order.id:{order.id}', from: '-30d' },
  { name: 'slowQueries', q: 'has:db.query.text duration_ms:>500', from: '-24h' },
  { name: 'whoDid', q: 'kind:audit audit.entity.id:{audit.entity.id}', from: '-30d' },
];

const GAP = /\{([^}]+)\}/g;

export function Questions(): ReactElement {
  const words = say(questionWords);
  return (
    <section className="questions" aria-labelledby="questions">
      <h2 id="questions">{words.title}</h2>
      <div className="cards">
        {QUESTIONS.map((question) => (
          <QuestionCard key={question.name} question={question} language={languageStore.get()} />
        ))}
      </div>
    </section>
  );
}

function QuestionCard({ question, language }: { question: Question; language: Language }): ReactElement {
  const gaps = [...question.q.matchAll(GAP)].map((match) => match[1] ?? '');
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const words = questionWords[language];
  const isFilled = gaps.every((gap) => (values[gap] ?? '').trim() !== '');
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isFilled) return;
    const q = question.q.replaceAll(GAP, (_, gap: string) => writeValue((values[gap] ?? '').trim()));
    go(hrefOf('/search', { q, ...rangeParameters({ from: question.from, to: undefined }) }));
  };
  return (
    <form className="card question" onSubmit={onSubmit}>
      <h3>{words[question.name]}</h3>
      <div className="question-line">
        {gaps.map((gap) => (
          <input
            key={gap}
            aria-label={`${words[question.name]}: ${gap}`}
            placeholder={gap}
            value={values[gap] ?? ''}
            onChange={(event) => setValues({ ...values, [gap]: event.target.value })}
          />
        ))}
        <button type="submit" disabled={!isFilled}>
          {words.ask}
        </button>
      </div>
    </form>
  );
}
