/**
 * The storm breaker. Each record has a signature, a text that is the same for the same thing happening again. The first few
 * of a signature pass one by one; the rest are only counted, and now and then one record says how many there were. A page
 * that has spent its budget on too many different signatures gets them collapsed by their shape (the same text but for
 * numbers), and at last by their level alone. Whatever happens, the counts add up: a record stands for `repeat.count`
 * occurrences, or for one.
 *
 * The way of a repeat is the hot path of a storm: one look-up, one addition, one reading of the clock.
 */
import {
  PAGE_RECORDS_BURST_MAX,
  PAGE_RECORDS_PER_SECOND_MAX,
  REPEAT_WAIT_MS_MAX,
  REPEAT_WAIT_MS_MIN,
  SIGNATURES_MAX,
  SIGNATURE_BURST_MAX,
  SIGNATURE_CHARACTERS_MAX,
  SIGNATURE_QUIET_MS,
  TRACED_BURST_MAX,
} from './limits.js';
import { timeAt } from './time.js';
import type { Draft } from './types.js';

/** `ms`: when it happened, if that was not just now. */
export type Emit = (draft: Draft, ms?: number) => void;

interface Entry {
  readonly draft: Draft;
  /** Records that still pass one by one. */
  left: number;
  count: number;
  firstMs: number;
  lastMs: number;
  waitMs: number;
  dueMs: number;
  readonly signature: string;
  readonly by: string | undefined;
}

export class Breaker {
  readonly #entries = new Map<string, Entry>();
  readonly #emit: Emit;
  readonly #now: () => number;
  #tokens = PAGE_RECORDS_BURST_MAX;
  #refilledMs: number;

  constructor(emit: Emit, now: () => number) {
    this.#emit = emit;
    this.#now = now;
    this.#refilledMs = now();
  }

  /** `text` is cheap to make; `make` is called only for a record that is written. */
  take(text: string, make: () => Draft): void {
    const ms = this.#now();
    const signature = text.length > SIGNATURE_CHARACTERS_MAX ? cut(text) : text;
    let known = this.#entries.get(signature);
    if (known !== undefined && ms - known.lastMs > SIGNATURE_QUIET_MS) known = this.#close(known);
    if (known !== undefined && known.left === 0) return add(known, ms);
    const isFull = known === undefined && this.#entries.size >= SIGNATURES_MAX;
    if (isFull || !this.#spend(ms)) return add(known ?? this.#collapsed(signature, make), ms);
    const draft = make();
    const entry = known ?? this.#open(signature, draft);
    entry.left -= 1;
    entry.lastMs = ms;
    this.#emit(isTraced(draft) ? draft : signed(draft, signature));
  }

  /** Writes the counts that are due; all of them when the page is about to go. Whether some are left. */
  sweep(all: boolean): boolean {
    const ms = this.#now();
    let holds = false;
    for (const [key, entry] of this.#entries) {
      if (entry.count > 0 && (all || ms >= entry.dueMs)) {
        this.#emit(repeated(entry), entry.lastMs);
        entry.count = 0;
        entry.waitMs = Math.min(entry.waitMs * 2, REPEAT_WAIT_MS_MAX);
      } else if (entry.count > 0) holds = true;
      else if (ms - entry.lastMs > SIGNATURE_QUIET_MS) this.#entries.delete(key);
    }
    return holds;
  }

  /** Occurrences that are counted and not yet written. */
  get waiting(): number {
    let sum = 0;
    for (const { count } of this.#entries.values()) sum += count;
    return sum;
  }

  /** Whether the page may write one more record by itself. */
  #spend(ms: number): boolean {
    const gained = ((ms - this.#refilledMs) / 1000) * PAGE_RECORDS_PER_SECOND_MAX;
    this.#tokens = Math.min(PAGE_RECORDS_BURST_MAX, this.#tokens + gained);
    this.#refilledMs = ms;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  #open(signature: string, draft: Draft, by?: string): Entry {
    const burst = isTraced(draft) ? TRACED_BURST_MAX : SIGNATURE_BURST_MAX;
    const ms = this.#now();
    const times = { firstMs: ms, lastMs: ms, waitMs: REPEAT_WAIT_MS_MIN, dueMs: 0 };
    const entry = { draft, left: by === undefined ? burst : 0, count: 0, ...times, signature, by };
    this.#entries.set(by === undefined ? signature : `${by} ${signature}`, entry);
    return entry;
  }

  /** After a pause it is news again, and gets its own records. */
  #close(entry: Entry): undefined {
    if (entry.count > 0) this.#emit(repeated(entry), entry.lastMs);
    this.#entries.delete(entry.signature);
  }

  #collapsed(signature: string, make: () => Draft): Entry {
    const shape = signature.replace(/[0-9a-f]*\d[0-9a-f]*/gi, '#');
    const byShape = this.#entries.get(`shape ${shape}`);
    if (byShape) return byShape;
    const draft = make();
    if (this.#entries.size < SIGNATURES_MAX) return this.#open(shape, draft, 'shape');
    const { level } = draft;
    return this.#entries.get(`level ${level}`) ?? this.#open(level, draft, 'level');
  }
}

function add(entry: Entry, ms: number): void {
  if (entry.count === 0) {
    entry.firstMs = ms;
    entry.dueMs = ms + entry.waitMs;
  }
  entry.count += 1;
  entry.lastMs = ms;
}

function repeated({ draft, count, firstMs, lastMs, signature, by }: Entry): Draft {
  const attributes = {
    ...draft.attributes,
    'repeat.count': count,
    'repeat.first_time': timeAt(firstMs),
    'repeat.last_time': timeAt(lastMs),
    'repeat.signature': hash(signature),
    ...(by === undefined ? {} : { 'repeat.collapsed_by': by }),
  };
  return { ...draft, attributes };
}

function signed(draft: Draft, signature: string): Draft {
  return { ...draft, attributes: { ...draft.attributes, 'repeat.signature': hash(signature) } };
}

/** Clicks and requests: their span ids are what other records point to. */
function isTraced({ kind, attributes }: Draft): boolean {
  return kind === 'span' || attributes['event.name'] === 'browser.click';
}

function cut(text: string): string {
  return `${text.slice(0, SIGNATURE_CHARACTERS_MAX)}${text.length}`;
}

/** 53 bits of FNV-like mixing: names a signature in few characters; nothing depends on its strength. */
export function hash(text: string): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(36);
}
