/**
 * Group commit: callers that ask while a run is going on, or in the same turn of the event loop, share the next
 * run. A run covers everything that happened before it began.
 */
export class SharedRun<T> {
  readonly #run: () => Promise<T>;
  #running: Promise<T> | undefined;
  #collecting: Promise<T> | undefined;

  constructor(run: () => Promise<T>) {
    this.#run = run;
  }

  request(): Promise<T> {
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
    const running = this.#run();
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
