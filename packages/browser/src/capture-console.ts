/** Calls of `console` as records, where that is wished: a file of its own, loaded after the core. */
import type { Core } from './core.js';
import { STACK_INTERVAL_MS } from './capture-console-limits.js';
import type { Level } from './types.js';

const LEVELS: { readonly [method: string]: Level } = { error: 'error', warn: 'warn' };

/** `textOf` is handed in: an import would put what both need into a third file. */
export function captureConsole(core: Core, textOf: (value: unknown) => string): void {
  for (const method of core.options.console ?? []) {
    const original = console[method];
    const record = core.guarded((values: readonly unknown[]) =>
      takeLog(core, { method, values, patched, textOf }),
    );
    const patched = (...values: unknown[]): void => {
      record(values);
      original.apply(console, values);
    };
    console[method] = patched;
    core.onStop(() => {
      // Somebody may have patched it after us: then ours stays in the chain and does nothing.
      if (console[method] === patched) console[method] = original;
    });
  }
}

interface Logged {
  readonly method: string;
  readonly values: readonly unknown[];
  /** The function that the page called. */
  readonly patched: () => void;
  readonly textOf: (value: unknown) => string;
}

function takeLog(core: Core, { method, values, patched, textOf }: Logged): void {
  const [only] = values;
  const text = values.length === 1 && typeof only === 'string' ? only : values.map(textOf).join(' ');
  core.event('browser.log', `${method} ${text}`, () => ({
    level: LEVELS[method] ?? 'info',
    message: text,
    attributes: { 'browser.console': method, 'code.stacktrace': stackAt(patched) },
  }));
}

let lastStackMs = 0;

/** Where the page called: what a storm notice names. V8 leaves our own frames out. */
function stackAt(caller: () => void): string | undefined {
  const ms = Date.now();
  if (ms - lastStackMs < STACK_INTERVAL_MS) return undefined;
  lastStackMs = ms;
  const here = new Error('here');
  // A V8 extension that not every browser has.
  (Error as { captureStackTrace?: (error: Error, above: () => void) => void }).captureStackTrace?.(
    here,
    caller,
  );
  return here.stack;
}
