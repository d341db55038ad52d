/**
 * `@sillok/browser`: what happened in the browser, as records of the same stream as the services'.
 *
 * `init` once, as early as the page allows. docs/guides/browser.md walks through it, docs/reference/browser.md lists it all.
 */
import { captureClicks } from './capture-clicks.js';
import { captureErrors, takeError, textOf } from './capture-errors.js';
import { captureNavigation } from './capture-navigation.js';
import { captureRequests } from './capture-requests.js';
import { Core, later } from './core.js';
import type { Attributes, BrowserOptions, Ids, Level } from './types.js';

export type { Attributes, BrowserOptions, Ids, Level, SnapshotOptions } from './types.js';

export interface Sillok {
  /** An error that the page has caught itself. */
  error(error: unknown, attributes?: Attributes): void;
  log(level: Level, message: string, attributes?: Attributes): void;
  /** Ids that the page learned from its server, after a login for instance. */
  identify(ids: Ids): void;
  /** The ids that are current: for a support page, a WebView, a worker. */
  readonly ids: Ids;
  /** From now on identifiers may be stored, or not any more: then what was stored is deleted. */
  setConsent(consent: boolean): void;
  /** Resolves when everything recorded so far was taken by the server, or cannot be sent now. */
  flush(): Promise<void>;
  /** Takes every patch away and records no more. */
  stop(): void;
}

export function init(options: BrowserOptions): Sillok {
  const core = new Core(options);
  captureNavigation(core);
  captureErrors(core);
  captureRequests(core);
  if (options.clicks !== false) captureClicks(core);
  const { scenario, sender } = core;
  if (options.console !== undefined)
    later(import('./capture-console.js'), ({ captureConsole }) => captureConsole(core, textOf));
  if (options.vitals !== false) later(import('./vitals.js'), ({ captureVitals }) => captureVitals(core));
  const { snapshot } = options;
  if (snapshot !== undefined)
    later(import('./snapshot.js'), ({ takeSnapshot }) => {
      core.onError = core.guarded(() => takeSnapshot(core, snapshot));
    });
  return {
    error: core.guarded((error: unknown, attributes?: Attributes) =>
      takeError(core, { error, mechanism: 'manual', attributes }),
    ),
    log: core.guarded((...[level, message, attributes]: [Level, string, Attributes?]) =>
      core.event('browser.log', `${level} ${message}`, () => ({ level, message, attributes })),
    ),
    identify: core.guarded((ids: Ids) => scenario.update(ids)),
    ids: scenario.ids,
    setConsent: core.guarded((consent: boolean) => core.setConsent(consent)),
    flush: () => sender.flush(),
    stop: () => core.stop(),
  };
}
