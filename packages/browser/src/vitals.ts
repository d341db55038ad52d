/** Core Web Vitals, by Google's own library; a file of its own that is loaded after the page. */
import { onCLS, onFCP, onINP, onLCP, onTTFB, type Metric } from 'web-vitals';
import type { Core } from './core.js';

export function captureVitals(core: Core): void {
  const take = core.guarded(({ name, value, rating, navigationType }: Metric) => {
    core.event('browser.web_vital', `${name} ${value}`, () => ({
      message: `${name} ${Math.round(value * 1000) / 1000} ${rating}`,
      attributes: {
        'browser.web_vital.name': name,
        'browser.web_vital.value': value,
        'browser.web_vital.rating': rating,
        'browser.navigation.type': navigationType,
      },
    }));
  });
  for (const watch of [onCLS, onFCP, onINP, onLCP, onTTFB]) watch(take);
}
