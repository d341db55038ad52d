/** Does something that changes the server: one at a time, and a failure is said. */
import { useState } from 'react';
import { failureFrom, type Failure } from '../api/http.js';

export interface Acting {
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  readonly act: (work: () => Promise<unknown>) => void;
}

export function useAct(onDone: () => void = () => undefined): Acting {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  return {
    busy,
    failure,
    act(work) {
      setBusy(true);
      setFailure(undefined);
      work()
        .then(onDone, (cause: unknown) => setFailure(failureFrom(cause)))
        .finally(() => setBusy(false));
    },
  };
}
