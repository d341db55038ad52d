/**
 * Reads JSON once more, slowly, to name what `JSON.parse` passes over in silence: keys that occur twice and
 * numbers that a double cannot hold. It runs only on lines that are not canonical, and only after
 * `JSON.parse` took them, so the grammar is known to be right. It uses no recursion: depth comes from
 * outside.
 */
import { jsonTextOf } from './json-text.js';
import { QUARANTINED_MAX } from './limits.js';

export interface Oddity {
  /** Keys and indexes that lead to it. */
  readonly keys: readonly string[];
  readonly reason: 'duplicate_key' | 'unsafe_number';
  /** What was written and is not in the value: the earlier value of a key, the digits of a number. */
  readonly text: string;
}

interface Container {
  readonly target: { [key: string]: unknown } | unknown[];
  /** The key or index whose value comes next. */
  key: string;
  expectsKey: boolean;
}

const INTEGER = /^-?\d+$/;

/** Whether a double says the same as these digits. */
function isSafe(token: string, value: number): boolean {
  if (!INTEGER.test(token)) return Number.isFinite(value);
  return Number.isSafeInteger(value) || String(value) === token;
}

/** End of the string that begins at `start`, after its closing quote. */
export function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/**
 * The value with unsafe numbers as strings of their digits, and what was odd. For text that `JSON.parse`
 * takes.
 */
export function reread(text: string): { value: unknown; oddities: readonly Oddity[] } {
  const reader = new Reader();
  let position = 0;
  while (position < text.length) position = reader.step(text, position);
  return { value: reader.value, oddities: reader.oddities };
}

class Reader {
  value: unknown;
  readonly oddities: Oddity[] = [];
  readonly #open: Container[] = [];

  /** Reads one token. Answers the position after it. */
  step(text: string, position: number): number {
    switch (text.charAt(position)) {
      case '{':
        return this.#enter({}, position);
      case '[':
        return this.#enter([], position);
      case '}':
      case ']':
        this.#open.pop();
        return position + 1;
      case ',':
        this.#nextEntry();
        return position + 1;
      case '"':
        return this.#string(text, position);
      case ':':
      case ' ':
      case '\t':
      case '\r':
      case '\n':
        return position + 1;
      default:
        return this.#literal(text, position);
    }
  }

  #enter(target: Container['target'], position: number): number {
    this.#put(target);
    const isArray = Array.isArray(target);
    this.#open.push({ target, key: isArray ? '0' : '', expectsKey: !isArray });
    return position + 1;
  }

  #nextEntry(): void {
    const container = this.#open.at(-1);
    if (!container) return;
    if (Array.isArray(container.target)) container.key = String(container.target.length);
    else container.expectsKey = true;
  }

  #string(text: string, position: number): number {
    const end = endOfString(text, position);
    const value: string = JSON.parse(text.slice(position, end));
    const container = this.#open.at(-1);
    if (container?.expectsKey) {
      container.key = value;
      container.expectsKey = false;
    } else this.#put(value);
    return end;
  }

  #literal(text: string, position: number): number {
    let end = position;
    while (end < text.length && !',]} \t\r\n'.includes(text.charAt(end))) end += 1;
    const token = text.slice(position, end);
    const value: unknown = JSON.parse(token);
    if (typeof value !== 'number' || isSafe(token, value)) this.#put(value);
    else {
      this.#note('unsafe_number', token);
      this.#put(token);
    }
    return end;
  }

  #put(value: unknown): void {
    const container = this.#open.at(-1);
    if (!container) {
      this.value = value;
      return;
    }
    const { target, key } = container;
    if (Array.isArray(target)) {
      target.push(value);
      return;
    }
    if (Object.hasOwn(target, key)) this.#note('duplicate_key', jsonTextOf(target[key]));
    if (key !== '__proto__') target[key] = value;
    // Assigned, it would set the prototype.
    else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  }

  #note(reason: Oddity['reason'], text: string): void {
    if (this.oddities.length >= QUARANTINED_MAX) return;
    this.oddities.push({ keys: this.#open.map((container) => container.key), reason, text });
  }
}
