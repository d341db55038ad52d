/** The page view at the start, and where people go after it without a new page: history, back and forward, bfcache. */
import type { Core } from './core.js';
import { listen } from './core.js';

export function captureNavigation(core: Core): void {
  const { page } = core.scenario;
  const [entry] = performance.getEntriesByType('navigation');
  const type: unknown = Object(entry).type;
  core.event('browser.page_view', location.pathname, () => ({
    message: `page ${location.pathname}`,
    place: page,
    attributes: { 'browser.navigation.type': type, 'browser.referrer.origin': originOf(document.referrer) },
  }));

  let path = location.pathname;
  const moved = core.guarded((how: string) => {
    const from = path;
    path = location.pathname;
    if (from === path && how !== 'bfcache') return;
    core.event('browser.navigation', `${how} ${from} ${path}`, () => ({
      message: `${how} ${path}`,
      attributes: { 'browser.navigation.type': how, 'browser.navigation.from': from },
    }));
  });
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    const patched = function (this: History, ...values: Parameters<History['pushState']>): void {
      original.apply(this, values);
      moved(name === 'pushState' ? 'push' : 'replace');
    };
    history[name] = patched;
    core.onStop(() => {
      if (history[name] === patched) history[name] = original;
    });
  }
  listen(core, [window, 'popstate', () => moved('pop')]);
  listen(core, [window, 'pageshow', (event: PageTransitionEvent) => event.persisted && moved('bfcache')]);
}

/** Without path and query: another site's address is not ours to keep. */
function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}
