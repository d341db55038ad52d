/** Asks again every so often, while the page is looked at. */
import { useEffect } from 'react';

export function useEvery(ms: number, again: () => void): void {
  useEffect(() => {
    if (ms <= 0) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') again();
    }, ms);
    return () => clearInterval(timer);
  }, [ms, again]);
}
