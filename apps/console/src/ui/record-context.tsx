/** What all producers wrote just before and after a record, whatever the search was. */
import type { Envelope } from '@sillok/record';
import type { ReactElement } from 'react';
import { contextOf } from '../api/search.js';
import { useCall } from '../api/use-call.js';
import { identityOf } from '../text.js';
import { RecordRow } from './record-row.js';
import { Loading, Problem } from './states.js';
import { Trust } from './trust.js';

const AROUND = 20;

export function RecordContext(props: {
  record: Envelope;
  onChoose: (record: Envelope) => void;
}): ReactElement {
  const { record, onChoose } = props;
  const { answer, failure, busy, again } = useCall(identityOf(record), (signal) =>
    contextOf(record, AROUND, signal),
  );
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  return (
    <>
      <div className="rows context">
        {[...answer.before, answer.record, ...answer.after].map((each) => (
          <RecordRow
            key={identityOf(each)}
            record={each}
            chosen={identityOf(each) === identityOf(record)}
            onChoose={onChoose}
          />
        ))}
      </div>
      <Trust of={answer} busy={busy} />
    </>
  );
}
