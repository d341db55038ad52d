/**
 * From a written record to the server: numbers, lines, batches, answers.
 *
 * A line has its number (`seq`) for ever and waits here until an answer says that the server has it. What is sent twice,
 * because an answer was lost or the page was leaving, is known there by producer, boot and number, and is stored once.
 * Requests are simple in the sense of CORS (text/plain, the key in the address), so that no preflight doubles them.
 */
import { newBoot } from '@sillok/record';
import {
  BATCH_CHARACTERS_MAX,
  BEACON_BYTES_MAX,
  COMPRESS_CHARACTERS_MIN,
  CONFIG_POLL_MS,
  QUEUE_CHARACTERS_MAX,
  REQUEST_TIMEOUT_MS,
  RETRY_MS_MAX,
  RETRY_MS_MIN,
  SEND_WAIT_MS,
} from './limits.js';
import type { BrowserOptions } from './types.js';

export interface SenderOptions extends BrowserOptions {
  /** `fetch` as it was before anything was patched. */
  readonly fetch: typeof fetch;
  /** Writes what the storm breaker holds back and is due, or all of it. Whether it still holds something. */
  readonly sweep: (all: boolean) => boolean;
  readonly onKill: (why: string) => void;
}

/** What is given up when recording ends. */
export interface GivenUp {
  readonly lines: number;
  readonly count: number;
}

export type LastWord = (seq: number, given: GivenUp) => string;

export const SDK_NAME = 'sillok-browser';

export class Sender {
  readonly boot = newBoot();
  readonly header: string;
  readonly #options: SenderOptions;
  readonly #api: Api;
  #lines: { readonly text: string; readonly count: number }[] = [];
  /** Number of the first line that waits. */
  #first = 1;
  #characters = 0;
  #isTicking = false;
  #busy: Promise<void> | undefined;
  #stopped = false;
  #retryMs = 0;
  #notBeforeMs = 0;
  #heardMs = performance.now();
  #batchMax = BATCH_CHARACTERS_MAX;
  /** Up to which number a beacon has taken lines: hiding and leaving a page are told by two events. */
  #beaconed = 0;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.header = headerOf(options, this.boot);
    this.#api = apiOf(options);
  }

  /** `line` is given the number. False: the queue is full, and no number was used. */
  push(line: (seq: number) => string, count: number): boolean {
    if (this.#stopped || this.#characters > QUEUE_CHARACTERS_MAX) return false;
    const text = line(this.#first + this.#lines.length);
    this.#lines.push({ text, count });
    this.#characters += text.length;
    this.wake();
    return true;
  }

  /** Something is being counted: a tick is wanted although there may be no line yet. */
  wake(): void {
    if (this.#isTicking || this.#stopped) return;
    this.#isTicking = true;
    setTimeout(() => {
      this.#isTicking = false;
      void this.#tick();
    }, SEND_WAIT_MS);
  }

  async flush(): Promise<void> {
    this.#options.sweep(true);
    while (this.#lines.length > 0 && !this.#stopped && performance.now() >= this.#notBeforeMs)
      await this.#send();
  }

  /** The page may not come back: what fits goes out now. Answers what did not fit, or may not have arrived. */
  leave(): readonly string[] {
    this.#options.sweep(true);
    const lines = this.#lines;
    let sent = this.#afterBeacon;
    while (sent < lines.length) {
      const { count, text } = takeBatch(lines, sent, BEACON_BYTES_MAX / 3);
      if (!this.#api.beacon(`${this.header}\n${text}`)) break;
      sent += count;
      this.#beaconed = this.#first + sent - 1;
    }
    const isReached = navigator.onLine && this.#retryMs === 0;
    return lines.slice(isReached ? sent : 0).map(({ text }) => text);
  }

  /** Sends one line beside the queue, for what no answer can be awaited of. */
  say(last: LastWord): void {
    const waiting = this.#lines.slice(this.#afterBeacon);
    const given = { lines: waiting.length, count: waiting.reduce((sum, { count }) => sum + count, 0) };
    this.#api.beacon(`${this.header}\n${last(this.#first + this.#lines.length, given)}\n`);
  }

  /** Nothing more is sent. */
  stop(): void {
    this.#stopped = true;
    this.#lines = [];
  }

  /** A batch that another page wrote. Whether the server has it now. */
  sendOther(text: string): Promise<boolean> {
    return this.#api.post(text).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  get #afterBeacon(): number {
    return Math.max(0, this.#beaconed - this.#first + 1);
  }

  async #tick(): Promise<void> {
    if (this.#stopped) return;
    const holds = this.#options.sweep(false);
    const ms = performance.now();
    if (this.#lines.length > 0 && ms >= this.#notBeforeMs) await this.#send();
    // While nothing can be sent, the wish to be quiet must come another way.
    else if (ms - this.#heardMs > CONFIG_POLL_MS) await this.#ask();
    if (holds || this.#lines.length > 0) this.wake();
  }

  #ask(): Promise<void> {
    return this.#api.ask().then(
      (response) => this.#hear(response),
      () => undefined,
    );
  }

  #send(): Promise<void> {
    this.#busy ??= this.#post().finally(() => {
      this.#busy = undefined;
    });
    return this.#busy;
  }

  async #post(): Promise<void> {
    const { count, text } = takeBatch(this.#lines, 0, this.#batchMax);
    const last = this.#first + count - 1;
    try {
      const response = await this.#api.post(`${this.header}\n${text}`);
      const { ok, status } = response;
      if (ok) this.#acknowledge(last);
      await this.#hear(response);
      if (ok) return;
      if (status === 413 && count > 1) this.#batchMax /= 2;
      else if (status === 429 || status >= 500)
        this.#wait(Number(response.headers.get('retry-after')) * 1000);
      // Refused for good (a wrong key, another origin): sending it again would change nothing.
      else this.#options.onKill(`the server refused (${status})`);
    } catch {
      this.#wait(0);
    }
  }

  async #hear(response: Response): Promise<void> {
    this.#heardMs = performance.now();
    const answer: { readonly kill?: boolean } = await response.json().catch(() => ({}));
    if (answer.kill === true) this.#options.onKill('switched off by the server');
  }

  #wait(toldMs: number): void {
    this.#retryMs = Math.min(Math.max(this.#retryMs * 2, RETRY_MS_MIN), RETRY_MS_MAX);
    this.#notBeforeMs = performance.now() + Math.max(toldMs || 0, this.#retryMs * (0.5 + Math.random() / 2));
  }

  #acknowledge(last: number): void {
    this.#retryMs = 0;
    for (const { text } of this.#lines.splice(0, last - this.#first + 1)) {
      this.#characters -= text.length;
      this.#first += 1;
    }
  }
}

interface Api {
  post(text: string): Promise<Response>;
  ask(): Promise<Response>;
  beacon(text: string): boolean;
}

function apiOf({ url, key, app, release = '', fetch: native }: SenderOptions): Api {
  const base = `${url.replace(/\/+$/, '')}/v1/browser`;
  const query = `?${new URLSearchParams({ key, app, release })}`;
  const call = (address: string, body?: BodyInit): Promise<Response> =>
    native.call(globalThis, address, {
      ...(body !== undefined && { method: 'POST', body, headers: { 'content-type': 'text/plain' } }),
      // Not every browser has it yet; then a request may hang as long as the browser lets it.
      signal: AbortSignal.timeout?.(REQUEST_TIMEOUT_MS) ?? null,
      credentials: 'omit',
    });
  return {
    async post(text) {
      const zipped = text.length < COMPRESS_CHARACTERS_MIN ? undefined : await tryGzip(text);
      return call(base + query + (zipped ? '&gzip=1' : ''), zipped ?? text);
    },
    ask: () => call(`${base}/config${query}`),
    beacon: (text) => navigator.sendBeacon?.(base + query, new Blob([text], { type: 'text/plain' })) === true,
  };
}

function headerOf({ app, release, environment }: BrowserOptions, boot: string): string {
  const resource = {
    'service.name': app,
    'service.version': release,
    'deployment.environment.name': environment,
    'telemetry.sdk.name': SDK_NAME,
  };
  return JSON.stringify({ sillok: 1, producer: app, boot, resource });
}

function takeBatch(
  lines: readonly { readonly text: string }[],
  from: number,
  charactersMax: number,
): { count: number; text: string } {
  let text = '';
  let index = from;
  for (; index < lines.length; index += 1) {
    const line = lines[index]?.text ?? '';
    if (index > from && text.length + line.length > charactersMax) break;
    text += `${line}\n`;
  }
  return { count: index - from, text };
}

async function tryGzip(text: string): Promise<Blob | undefined> {
  try {
    const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
    return await new Response(stream).blob();
  } catch {
    return undefined;
  }
}
