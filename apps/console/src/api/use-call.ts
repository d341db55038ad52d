/** One call per question: a newer question ends the older call, and an older answer never overtakes a newer one. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { failureFrom, type Failure } from './http.js';

export interface Called<T> {
  readonly answer: T | undefined;
  readonly failure: Failure | undefined;
  readonly busy: boolean;
  readonly again: () => void;
}

/** `key` names the question: the call is made anew when it changes. `undefined` asks nothing. */
export function useCall<T>(key: string | undefined, call: (signal: AbortSignal) => Promise<T>): Called<T> {
  const [state, setState] = useState<Omit<Called<T>, 'again'> & { readonly of: string | undefined }>({
    answer: undefined,
    failure: undefined,
    busy: key !== undefined,
    of: key,
  });
  const [round, setRound] = useState(0);
  // New at every drawing; the key names everything that it depends on.
  const latest = useRef(call);
  latest.current = call;

  useEffect(() => {
    if (key === undefined) return undefined;
    const abort = new AbortController();
    setState((now) => ({ ...now, busy: true, failure: undefined }));
    latest.current(abort.signal).then(
      (answer) => {
        if (!abort.signal.aborted) setState({ answer, failure: undefined, busy: false, of: key });
      },
      (cause: unknown) => {
        const failure = failureFrom(cause);
        if (failure === undefined || abort.signal.aborted) return;
        setState({ answer: undefined, failure, busy: false, of: key });
      },
    );
    return () => abort.abort();
  }, [key, round]);

  const again = useCallback(() => setRound((now) => now + 1), []);
  return { answer: state.answer, failure: state.failure, busy: state.busy, again };
}
