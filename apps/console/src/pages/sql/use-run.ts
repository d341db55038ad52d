/** One statement at a time. Cancelling asks the server and waits for its word that the engine has stopped. */
import { useEffect, useRef, useState } from 'react';
import { failureFrom, type Failure } from '../../api/http.js';
import { cancelForSure, type SqlQuestion, type SqlRunner } from '../../api/sql.js';
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
    void cancelForSure(mine.queryId, runner.cancel).then((isConfirmed) => {
      // Closing the connection ends the statement too, whatever the answers were.
      mine.abort.abort();
      if (isConfirmed) toast(say(sqlWords).cancelled);
      end();
    });
  };
  return { answer, failure, seconds, run, cancel };
}
