/**
 * The ids above a trace, and how they come over the breaks between pages.
 *
 * `global_trace_id` is born at page start, before the first request, unless one is handed over: by a native app around the
 * page, by the server in `<meta name="sillok">` or `Server-Timing`, by this tab's storage, or by the tab that opened this
 * one. Storage is touched only with consent; without it nothing that names anybody outlives the page, and only the
 * server's own session can join pages. The hashes of session and account are never made here: the server says them.
 */
import { parseTraceparent } from '@sillok/context';
import { newSpanId, newTraceId } from '@sillok/record';
import { HANDOVER_MS_MAX, SCENARIO_IDLE_MS } from './limits.js';
import type { BrowserOptions, Ids, Place } from './types.js';

export interface Scenario {
  readonly ids: Ids;
  /** Place of the page view: below the server's span when the page came with one. */
  readonly page: Place;
  update(ids: Ids): void;
  setConsent(consent: boolean): void;
  readonly consent: boolean;
  /** A link is about to open this address in a new tab. */
  handOver(url: string): void;
  /** Said on `pagehide`, so that an idle scenario can be told. */
  touch(): void;
}

const STORED = 'sillok.scenario';
const HANDED = 'sillok.handover';
/** As docs/reference/identity.md has them. */
const ID = /^[A-Za-z0-9_.:-]{1,64}$/;
const HASH = /^[A-Za-z0-9_.:-]{1,128}$/;
const NAMES = ['global_trace_id', 'session_hash', 'user_hash'] as const;

export function createScenario(options: BrowserOptions): Scenario {
  let consent = options.consent === true;
  const served = servedIds();
  const given: Ids = { ...served.ids, ...fromWindow(window), ...checked(options.ids) };
  const ids: { -readonly [K in keyof Ids]: Ids[K] } = { ...given };
  ids.global_trace_id =
    given.global_trace_id ?? (consent ? (stored() ?? handedOver()) : undefined) ?? openers() ?? newTraceId();

  function save(): void {
    if (!consent) return;
    write('sessionStorage', STORED, `${Date.now()} ${ids.global_trace_id}`);
  }
  save();
  // Where a page opened by this one looks, and a native app around it.
  Reflect.set(window, 'sillokIds', ids);

  return {
    ids,
    page: { traceId: served.traceId ?? newTraceId(), spanId: newSpanId(), parentId: served.parentId },
    update(more) {
      Object.assign(ids, checked(more));
      save();
    },
    setConsent(next) {
      consent = next;
      if (consent) save();
      else forget('sillok.');
    },
    get consent() {
      return consent;
    },
    handOver(url) {
      if (consent) write('localStorage', HANDED, `${Date.now()} ${ids.global_trace_id} ${url}`);
    },
    touch: save,
  };
}

/** What looks like an id, and nothing else: these come from outside. */
function checked(given: unknown): Ids {
  const source: { [name: string]: unknown } = Object(given);
  const ids: { [name: string]: string } = {};
  for (const name of NAMES) {
    const value = source[name];
    const form = name === 'global_trace_id' ? ID : HASH;
    if (typeof value === 'string' && form.test(value)) ids[name] = value;
  }
  return ids;
}

/** `window.sillokIds`, set by a native app before the page's own scripts ran. */
function fromWindow(view: object): Ids {
  return checked(Reflect.get(view, 'sillokIds'));
}

/** What the server wrote into the page or its headers. */
function servedIds(): { ids: Ids; traceId?: string; parentId?: string } {
  const [navigation] = performance.getEntriesByType('navigation');
  const timings: readonly PerformanceServerTiming[] = Object(navigation).serverTiming ?? [];
  const said = (name: string): string =>
    document.querySelector(`meta[name="${name}"]`)?.getAttribute('content') ??
    timings.find((each) => each.name === name)?.description ??
    '';
  const ids = checked(Object.fromEntries(new URLSearchParams(said('sillok'))));
  const parent = parseTraceparent(said('traceparent'));
  return parent === undefined ? { ids } : { ids, traceId: parent.traceId, parentId: parent.parentId };
}

/** Of this tab, before a redirect to another origin and back, or a reload. */
function stored(): string | undefined {
  const [time, id = ''] = read('sessionStorage', STORED).split(' ');
  return Date.now() - Number(time) < SCENARIO_IDLE_MS && ID.test(id) ? id : undefined;
}

/** Of the tab whose link has just opened this one. Taken once. */
function handedOver(): string | undefined {
  const [time, id = '', url] = read('localStorage', HANDED).split(' ');
  if (url !== location.href || Date.now() - Number(time) > HANDOVER_MS_MAX || !ID.test(id)) return undefined;
  forget(HANDED);
  return id;
}

/** Of the page that opened this one with `window.open`, when it is of the same origin. Nothing is stored. */
function openers(): string | undefined {
  try {
    const { opener } = window;
    return opener ? fromWindow(opener).global_trace_id : undefined;
  } catch {
    return undefined;
  }
}

/** Named, not handed in: a browser that forbids storage throws at the mere mention of it. */
type Area = 'sessionStorage' | 'localStorage';

export function read(storage: Area, key: string): string {
  try {
    return window[storage].getItem(key) ?? '';
  } catch {
    return '';
  }
}

function write(storage: Area, key: string, value: string): void {
  try {
    window[storage].setItem(key, value);
  } catch {
    // Storage that is full or forbidden costs continuity, not the page.
  }
}

/** Deletes all keys that begin so. */
function forget(prefix: string): void {
  try {
    for (const area of [sessionStorage, localStorage]) {
      const keys = Object.keys(area).filter((key) => key.startsWith(prefix));
      for (const key of keys) area.removeItem(key);
    }
  } catch {
    // What cannot be written was not written.
  }
}
