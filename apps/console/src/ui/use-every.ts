/** Asks again every so often while the page is looked at, and at once when somebody comes back to it after longer than that. */
import { useEffect, useRef } from 'react';

export function useEvery(ms: number, again: () => void): void {
  const latest = useRef(again);
  latest.current = again;
  useEffect(() => {
    if (ms <= 0) return undefined;
    let askedMs = performance.now();
    const ask = (): void => {
      if (document.visibilityState !== 'visible') return;
      askedMs = performance.now();
      latest.current();
    };
    const timer = setInterval(ask, ms);
    // Browsers slow the timers of a hidden tab down to one a minute, or stop them.
    const onShown = (): void => {
      if (performance.now() - askedMs >= ms) ask();
    };
    document.addEventListener('visibilitychange', onShown);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onShown);
    };
  }, [ms]);
}
