/**
 * One page's recording: what captures put in, what goes to the sender, and which click a thing belongs to.
 *
 * Nothing in here may disturb the page: every callback is `guarded`, and after a few faults of our own the SDK leaves the
 * page alone. What cannot be kept is counted, and the count is recorded.
 */
import { newSpanId, newTraceId } from '@sillok/record';
import { Breaker } from './breaker.js';
import { CAUSE_MS_MAX, FAULTS_MAX } from './limits.js';
import { lineOf } from './line.js';
import { createScenario, type Scenario } from './scenario.js';
import { Sender } from './sender.js';
import { nowMs } from './time.js';
import type { Attributes, BrowserOptions, Draft, Level, Place } from './types.js';

/** The click, navigation or page view that later requests belong to. */
export interface Cause {
  readonly place: Place;
  readonly ms: number;
  /** Requests of this cause that failed, by method and address. */
  readonly attempts: Map<string, number>;
}

export interface EventDraft {
  readonly level?: Level | undefined;
  readonly message: string;
  readonly attributes?: Attributes | undefined;
  /** Where it stands itself. Left out: below the current cause. */
  readonly place?: Place | undefined;
}

/** What a capture registers to be undone at the end. */
type Undo = () => void;

export class Core {
  readonly options: BrowserOptions;
  readonly scenario: Scenario;
  readonly sender: Sender;
  /** Records the state of the page beside an error; loaded later, and only when it is wished. */
  onError: (() => void) | undefined;
  /** Keeps for the next page what cannot be sent. */
  kept: typeof import('./stored-queue.js') | undefined;
  readonly #breaker: Breaker;
  readonly #page: Cause;
  readonly #undos: Undo[] = [];
  #current: Cause;
  #faults = 0;
  #stopped = false;
  /** Occurrences that found the queue full. */
  #lost = 0;

  constructor(options: BrowserOptions) {
    this.options = options;
    this.scenario = createScenario(options);
    this.#page = causeAt(this.scenario.page);
    this.#current = this.#page;
    this.sender = new Sender({
      ...options,
      fetch: window.fetch,
      sweep: (all) => this.#sweep(all),
      onKill: (why) => this.stop(why),
    });
    this.#breaker = new Breaker((draft, ms) => {
      if (!this.#write(draft, ms)) this.#lost += countOf(draft);
    }, Date.now);
    leaveOn(this);
    this.setConsent(options.consent === true);
  }

  /** What only a page with consent needs is loaded then. */
  setConsent(consent: boolean): void {
    this.scenario.setConsent(consent);
    if (!consent || this.kept !== undefined) return;
    later(import('./stored-queue.js'), (loaded) => {
      this.kept = loaded;
      loaded.sendKeptQueues(this.sender);
    });
  }

  /** `signature` is the same for the same thing again; `make` runs only when a record is written. */
  event(name: string, signature: string, make: () => EventDraft): void {
    this.#take(`${name} ${signature}`, () => {
      const { level = 'info', message, attributes, place = childOf(this.cause()) } = make();
      const all = { 'event.name': name, 'url.path': location.pathname, ...attributes };
      return { kind: 'event', level, message, place, attributes: all };
    });
  }

  span(signature: string, make: () => Omit<Draft, 'kind'>): void {
    this.#take(`span ${signature}`, () => ({ kind: 'span', ...make() }));
  }

  /** The cause of what happens now; the page view when the last click is long ago. */
  cause(): Cause {
    if (nowMs() - this.#current.ms > CAUSE_MS_MAX) this.#current = this.#page;
    return this.#current;
  }

  /** Of something that belongs to the page as a whole, whatever was clicked since. */
  ofPage(): Place {
    return childOf(this.#page);
  }

  /** Begins a new trace: a click. Answers its place. */
  begin(): Place {
    this.#current = causeAt({ traceId: newTraceId(), spanId: newSpanId() });
    return this.#current.place;
  }

  /** A callback of ours from which nothing reaches the page. */
  guarded<A extends readonly unknown[]>(work: (...values: A) => void): (...values: A) => void {
    return (...values) => {
      if (this.#stopped) return;
      try {
        work(...values);
      } catch {
        this.#faults += 1;
        if (this.#faults > FAULTS_MAX) this.stop('the SDK failed too often');
      }
    };
  }

  /** Registers how a capture is taken away again. */
  onStop(undo: Undo): void {
    this.#undos.push(undo);
  }

  stop(why?: string): void {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const undo of this.#undos.splice(0)) undo();
    if (why !== undefined) this.giveUp(why);
    this.sender.stop();
  }

  /** Recording ends with lines that fit nowhere: says how much was given up, and which numbers will not come. */
  giveUp(why: string): void {
    const held = this.#breaker.waiting + this.#lost;
    this.sender.say((seq, { lines, count }) => {
      const more = lines > 0 ? droppedOf(seq, lines, why) : {};
      const draft = this.#notice(`recording ended here: ${why}`, held + count, {
        'browser.stopped': why,
        ...more,
      });
      return lineOf(draft, { seq, ms: nowMs(), ids: this.scenario.ids });
    });
  }

  #take(signature: string, make: () => Draft): void {
    if (this.#stopped) return;
    this.#breaker.take(signature, make);
    this.sender.wake();
  }

  #write(draft: Draft, ms = nowMs()): boolean {
    return this.sender.push((seq) => lineOf(draft, { seq, ms, ids: this.scenario.ids }), countOf(draft));
  }

  #sweep(all: boolean): boolean {
    const holds = this.#breaker.sweep(all);
    const lost = this.#lost;
    if (lost > 0 && this.#write(this.#notice(`${lost} records given up, the queue was full`, lost)))
      this.#lost = 0;
    return holds;
  }

  #notice(message: string, count: number, more: Attributes = {}): Draft {
    const attributes = { 'event.name': 'browser.log', 'browser.lost.count': count, ...more };
    return { kind: 'event', level: 'warn', message, place: this.ofPage(), attributes };
  }
}

function causeAt(place: Place): Cause {
  return { place, ms: nowMs(), attempts: new Map() };
}

function countOf({ attributes }: Draft): number {
  return Number(attributes['repeat.count'] ?? 1);
}

function childOf({ place }: Cause): Place {
  return { traceId: place.traceId, spanId: newSpanId(), parentId: place.spanId };
}

/** Numbers that were given and will not come: the server keeps them apart from gaps. */
function droppedOf(seq: number, lines: number, reason: string): Attributes {
  return {
    'sillok.dropped.from': seq - lines,
    'sillok.dropped.to': seq - 1,
    'sillok.dropped.reason': reason,
  };
}

/** A page that is hidden may never be shown again, and on phones that is the last thing it hears. */
function leaveOn(core: Core): void {
  const { scenario, sender } = core;
  const leave = core.guarded((isEnd: boolean) => {
    scenario.touch();
    const left = sender.leave();
    if (left.length === 0) return;
    if (scenario.consent && core.kept !== undefined) core.kept.keepQueue(sender, left);
    else if (isEnd) core.giveUp('the page ended');
  });
  const hide = () => {
    if (document.visibilityState === 'hidden') leave(false);
  };
  listen(core, [window, 'pagehide', (event: PageTransitionEvent) => leave(!event.persisted)]);
  listen(core, [document, 'visibilitychange', hide]);
}

/** What most pages do not need is loaded apart. A page that forbids it goes without. */
export function later<T>(loading: Promise<T>, use: (loaded: T) => void): void {
  loading.then(use, () => undefined);
}

/** Listens in the capture phase, before the page can stop an event, and never again after `stop`. */
export function listen(
  core: Core,
  [target, name, listener]: readonly [EventTarget, string, (event: never) => void],
): void {
  // The caller knows which event that name brings.
  const heard = listener as EventListener;
  target.addEventListener(name, heard, true);
  core.onStop(() => target.removeEventListener(name, heard, true));
}
