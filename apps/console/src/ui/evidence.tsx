/** What a statement rests on: folded, since the sentence is read first, and checked only by those who doubt it. */
import type { Evidence } from '@sillok/api';
import type { ReactElement } from 'react';
import { shown } from '../text.js';
import { languageStore, say } from '../words/dictionary.js';
import { traceWords } from '../words/trace.js';
import { hrefOf, Link } from './address.js';

export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }): ReactElement | null {
  if (evidence.length === 0) return null;
  const language = languageStore.get();
  return (
    <details className="evidence">
      <summary>{say(traceWords).evidence}</summary>
      <ul>
        {evidence.map((each, index) => (
          // Evidence has no identity of its own and never changes its order.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            {shown(each.text[language])}{' '}
            {each.fields.length > 0 && <code>{shown(each.fields.join(' · '))}</code>}{' '}
            {each.record !== null && <RecordLink of={each.record} />}
          </li>
        ))}
      </ul>
    </details>
  );
}

function RecordLink({ of }: { of: NonNullable<Evidence['record']> }): ReactElement {
  const at = Date.parse(of.time);
  const q = `producer:"${of.producer}" boot:"${of.boot}" seq:${of.seq}`;
  const around = { from: new Date(at - 1000).toISOString(), to: new Date(at + 1000).toISOString() };
  return <Link to={hrefOf('/search', { q, ...around })}>{`${of.producer} ${of.seq}`}</Link>;
}
