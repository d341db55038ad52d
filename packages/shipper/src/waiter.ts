/** A wait that can be cut short. The timer never keeps the host's process alive. */
export interface Waiter {
  /** Until the time is over or `wake` is called; a wake that came before the wait counts. */
  wait(waitMs: number): Promise<void>;
  wake(): void;
}

export function createWaiter(): Waiter {
  let isAwake = false;
  let finish: (() => void) | undefined;
  return {
    wait: (waitMs) =>
      new Promise((resolve) => {
        if (isAwake) {
          isAwake = false;
          resolve();
          return;
        }
        const timer = setTimeout(() => finish?.(), waitMs).unref();
        finish = () => {
          clearTimeout(timer);
          finish = undefined;
          isAwake = false;
          resolve();
        };
      }),
    wake: () => {
      isAwake = true;
      finish?.();
    },
  };
}
