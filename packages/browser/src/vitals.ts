/** Core Web Vitals, by Google's own library; a file of its own that is loaded after the page. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from 'web-vitals';
import type { Core } from './core.js';

export function captureVitals(core: Core): void {
  const take = core.guarded(({ name, value, rating, navigationType }: Metric) => {
    const rounded = Math.round(value * 1000) / 1000;
    core.event('browser.web_vital', `${name} ${rounded}`, () => ({
      message: `${name} ${rounded} ${rating}`,
      place: core.ofPage(),
      attributes: {
        'browser.web_vital.name': name,
        'browser.web_vital.value': rounded,
        'browser.web_vital.rating': rating,
        'browser.navigation.type': navigationType,
      },
    }));
  });
  for (const watch of [onCLS, onFCP, onINP, onLCP, onTTFB]) watch(take);
}
