/** The timers of the spool, as a parameter. They never keep the host's process alive. */

export interface Timers {
  /** Returns what cancels it. */
  after(delayMs: number, work: () => void): () => void;
  every(periodMs: number, work: () => void): () => void;
}

export const nodeTimers: Timers = {
  after: (delayMs, work) => {
    const timer = setTimeout(work, delayMs).unref();
    return () => clearTimeout(timer);
  },
  every: (periodMs, work) => {
    const timer = setInterval(work, periodMs).unref();
    return () => clearInterval(timer);
  },
};
