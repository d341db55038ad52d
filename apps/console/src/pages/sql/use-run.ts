/** One statement at a time. Cancelling asks the server and waits for its word that the engine has stopped. */
import { useEffect, useRef, useState } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import type { SqlQuestion, SqlRunner } from '../../api/sql.js';
import { CANCEL_AGAIN_MS, CANCEL_TRIES_MAX } from '../../limits.js';
import { toast } from '../../ui/toast.js';
import { say } from '../../words/dictionary.js';
import { sqlWords } from '../../words/sql.js';

interface Running {
  readonly queryId: string;
  readonly abort: AbortController;
}

interface Run<Answer> {
  readonly answer: Answer | undefined;
  readonly failure: Failure | undefined;
  /** Since when it runs; undefined when nothing does. */
  readonly seconds: number | undefined;
  readonly run: () => void;
  readonly cancel: () => void;
}

export function useRun<Answer>(question: SqlQuestion, runner: SqlRunner<Answer>): Run<Answer> {
  const [answer, setAnswer] = useState<Answer>();
  const [failure, setFailure] = useState<Failure>();
  const [seconds, setSeconds] = useState<number>();
  const running = useRef<Running>(undefined);
  const isRunning = seconds !== undefined;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(() => setSeconds((now) => (now === undefined ? now : now + 1)), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);
  useEffect(() => () => running.current?.abort.abort(), []);

  const end = (): void => {
    running.current = undefined;
    setSeconds(undefined);
  };
  const run = (): void => {
    if (running.current !== undefined) return;
    const mine = { queryId: crypto.randomUUID(), abort: new AbortController() };
    running.current = mine;
    setSeconds(0);
    setFailure(undefined);
    runner.run(question, mine.queryId, mine.abort.signal).then(
      (next) => {
        setAnswer(next);
        end();
      },
      (cause: unknown) => {
        if (running.current !== mine) return;
        setFailure(failureFrom(cause));
        end();
      },
    );
  };
  const cancel = (): void => {
    const mine = running.current;
    if (mine === undefined) return;
    running.current = undefined;
    void cancelForSure(mine, runner.cancel).then((isConfirmed) => {
      if (isConfirmed) toast(say(sqlWords).cancelled);
      end();
    });
  };
  return { answer, failure, seconds, run, cancel };
}

/**
 * Asks until the server knows the statement: a cancel can overtake the run on its way. Whatever the answers were, the
 * connection is closed in the end, which ends the statement too.
 */
async function cancelForSure(
  { queryId, abort }: Running,
  cancel: (queryId: string) => Promise<unknown>,
): Promise<boolean> {
  let isConfirmed = false;
  for (let tried = 0; tried < CANCEL_TRIES_MAX && !isConfirmed; tried += 1) {
    isConfirmed = await cancel(queryId).then(
      () => true,
      () => false,
    );
    if (!isConfirmed) await new Promise((resolve) => setTimeout(resolve, CANCEL_AGAIN_MS));
  }
  abort.abort();
  return isConfirmed;
}
