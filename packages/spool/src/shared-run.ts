/**
 * Group commit: callers that ask while a run is going on, or in the same turn of the event loop, share the next
 * run. A run covers everything that happened before it began, and is told how many callers wait for it.
 */
export class SharedRun<T> {
  readonly #run: (waiting: number) => Promise<T>;
  #running: Promise<T> | undefined;
  #collecting: Promise<T> | undefined;
  #waiting = 0;

  constructor(run: (waiting: number) => Promise<T>) {
    this.#run = run;
  }

  /** `waiting`: 0 for one who only wants it done. */
  request(waiting: 0 | 1): Promise<T> {
    this.#waiting += waiting;
    this.#collecting ??= this.#collect();
    return this.#collecting;
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#collecting !== undefined || this.#running !== undefined) {
      await settled(this.#collecting ?? this.#running);
    }
  }

  async #collect(): Promise<T> {
    await (this.#running === undefined ? nextTurn() : settled(this.#running));
    this.#collecting = undefined;
    const waiting = this.#waiting;
    this.#waiting = 0;
    const running = this.#run(waiting);
    this.#running = running;
    try {
      return await running;
    } finally {
      if (this.#running === running) this.#running = undefined;
    }
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settled(promise: Promise<unknown> | undefined): Promise<void> {
  try {
    await promise;
  } catch {
    // Whoever asked for it hears of it.
  }
}
