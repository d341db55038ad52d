/** The record that a statement was read from, beside the statement. */
import type { RecordRef } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { contextOf } from '../api/search.js';
import { useCall } from '../api/use-call.js';
import { go, hrefOf } from './address.js';
import { RecordDetail } from './record-detail.js';
import { Loading, Problem } from './states.js';

export function RecordPeek(props: { of: RecordRef; onClose: () => void }): ReactElement {
  const { of, onClose } = props;
  const [chosen, setChosen] = useState(of);
  const [last, setLast] = useState(of);
  if (last !== of) {
    setLast(of);
    setChosen(of);
  }
  const key = `${chosen.producer}/${chosen.boot}/${chosen.seq}`;
  const { answer, failure, again } = useCall(key, (signal) => contextOf(chosen, 0, signal));
  if (failure !== undefined) return <Problem failure={failure} onRetry={again} />;
  if (answer === undefined) return <Loading />;
  return (
    <RecordDetail
      record={answer.record}
      narrow={(term) => go(hrefOf('/search', { q: term }))}
      onChoose={setChosen}
      onClose={onClose}
    />
  );
}
