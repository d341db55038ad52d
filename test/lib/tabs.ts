/**
 * Tabs of a Chromium of which only the one in front is visible. Playwright keeps all of its pages visible and focused, so this speaks
 * the browser's own protocol over its pipe, as far as a test of hidden tabs needs it.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const ARGUMENTS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--remote-debugging-pipe',
];

interface Answer {
  readonly id?: number;
  readonly result?: { readonly [name: string]: unknown };
  readonly error?: { readonly message: string };
}

type Waiting = (answer: Answer) => void;

export class Tabs {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sillok-tabs-'));
  readonly #browser: ChildProcess;
  readonly #to: Writable;
  readonly #waiting = new Map<number, Waiting>();
  #id = 0;
  #rest = '';

  constructor(chromium: string) {
    const args = [...ARGUMENTS, `--user-data-dir=${this.#folder}`, 'about:blank'];
    this.#browser = spawn(chromium, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
    const [, , , to, from] = this.#browser.stdio;
    // Opened as pipes one line above.
    this.#to = to as Writable;
    (from as Readable).setEncoding('utf8').on('data', (piece: string) => this.#take(piece));
  }

  /** A new one comes to the front. */
  async open(url: string): Promise<Tab> {
    const { targetId } = await this.send('Target.createTarget', { url });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    return new Tab(this, String(targetId), String(sessionId));
  }

  async send(method: string, params: object, sessionId?: string): Promise<NonNullable<Answer['result']>> {
    this.#id += 1;
    const id = this.#id;
    const answer = new Promise<Answer>((resolve) => this.#waiting.set(id, resolve));
    this.#to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result = {} } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async close(): Promise<void> {
    const gone = once(this.#browser, 'exit');
    this.#browser.kill('SIGKILL');
    await gone;
    // Its helpers may be writing into it still.
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #take(piece: string): void {
    const messages = (this.#rest + piece).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) {
      // The browser's own protocol.
      const answer = JSON.parse(message) as Answer;
      const waiting = this.#waiting.get(answer.id ?? 0);
      if (waiting === undefined) continue;
      this.#waiting.delete(answer.id ?? 0);
      waiting(answer);
    }
  }
}

export class Tab {
  readonly #tabs: Tabs;
  readonly #targetId: string;
  readonly #sessionId: string;

  constructor(tabs: Tabs, targetId: string, sessionId: string) {
    this.#tabs = tabs;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
  }

  async toFront(): Promise<void> {
    await this.#tabs.send('Target.activateTarget', { targetId: this.#targetId });
  }

  async goTo(url: string): Promise<void> {
    await this.#tabs.send('Page.navigate', { url }, this.#sessionId);
  }

  /** The value of an expression in the page, of a promise when it has come; undefined when the page is on its way elsewhere. */
  async value(expression: string): Promise<unknown> {
    const asked = { expression, returnByValue: true, awaitPromise: true };
    const { result } = await this.#tabs.send('Runtime.evaluate', asked, this.#sessionId);
    return Object(result)['value'];
  }

  /** What is written in the page. */
  async text(): Promise<string> {
    return String(await this.value('document.querySelector("#content")?.innerText'));
  }
}
