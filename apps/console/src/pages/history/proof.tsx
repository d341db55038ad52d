/** That a change stands in the signed log: its place there, and a file that proves it to somebody who does not trust this server. */
import type { AuditAnswer, AuditChange } from '@sillok/api';
import { useState, type ReactElement } from 'react';
import { fetchReceipt, receiptLink } from '../../api/audit.js';
import { useAct } from '../../ui/act.js';
import { Icon } from '../../ui/icon.js';
import { Problem } from '../../ui/states.js';
import { say } from '../../words/dictionary.js';
import { historyWords } from '../../words/history.js';

export function Proof({ change: { id, outcome } }: { change: AuditChange }): ReactElement {
  const words = say(historyWords);
  const [answer, setAnswer] = useState<AuditAnswer>();
  const { busy, failure, act } = useAct();
  const entry = answer?.entries[0];
  if (failure !== undefined) return <Problem failure={failure} />;
  if (entry === undefined) {
    const show = (): void => act(async () => setAnswer(await fetchReceipt(id, outcome)));
    return (
      <p className="chips">
        <button type="button" className="chip" disabled={busy} title={words.proofHelp} onClick={show}>
          <Icon name="check" /> {words.proof}
        </button>
      </p>
    );
  }
  return (
    <div className="change-proof" role="status">
      <p>{words.proven(entry.index + 1, entry.size)}</p>
      <p>
        <a href={receiptLink(id, outcome)} download="receipt.json">
          {words.receipt}
        </a>{' '}
        <span className="muted">{words.receiptHelp}</span>
      </p>
      <code>sillok audit check-receipt receipt.json --verifier verifier</code>
    </div>
  );
}
