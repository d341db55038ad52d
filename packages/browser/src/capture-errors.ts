/** Errors that nobody caught, rejections that nobody handled, and, if wished, calls of `console`. */
import type { Core } from './core.js';
import { listen } from './core.js';
import { STACK_INTERVAL_MS } from './limits.js';
import type { Attributes, Level } from './types.js';

/** How an error came to be known. */
export type Mechanism = 'onerror' | 'unhandledrejection' | 'manual' | 'react';

export interface Caught {
  readonly error: unknown;
  readonly mechanism: Mechanism;
  readonly attributes?: Attributes | undefined;
  /** Known without a look at the stack, which costs more than all the rest in a storm. */
  readonly signature?: string;
}

export function captureErrors(core: Core): void {
  const onError = core.guarded((event: ErrorEvent) => {
    const { message, filename, lineno, colno, error } = event;
    // Elements that fail to load bubble here too, without a message.
    if (message === undefined) return;
    const place = { 'code.file.path': filename, 'code.line.number': lineno, 'code.column.number': colno };
    const signature = `${message} ${filename}:${lineno}:${colno}`;
    takeError(core, { error: error ?? message, mechanism: 'onerror', attributes: place, signature });
  });
  const onRejection = core.guarded((event: PromiseRejectionEvent) => {
    takeError(core, { error: event.reason, mechanism: 'unhandledrejection' });
  });
  listen(core, [window, 'error', onError]);
  listen(core, [window, 'unhandledrejection', onRejection]);
}

export function takeError(core: Core, { error, mechanism, attributes, signature }: Caught): void {
  const { name, message } = error instanceof Error ? error : { name: typeof error, message: textOf(error) };
  core.event('browser.exception', signature ?? `${name}: ${message}`, () => {
    core.onError?.();
    return {
      level: 'error',
      message: `${name}: ${message}`,
      attributes: {
        'exception.type': name,
        'exception.message': message,
        'exception.stacktrace': error instanceof Error ? error.stack : undefined,
        'browser.exception.mechanism': mechanism,
        ...attributes,
      },
    };
  });
}

const LEVELS: { readonly [method: string]: Level } = { error: 'error', warn: 'warn' };

export function captureConsole(core: Core): void {
  for (const method of core.options.console ?? []) {
    const original = console[method];
    const record = core.guarded((values: readonly unknown[]) => takeLog(core, { method, values, patched }));
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
}

function takeLog(core: Core, { method, values, patched }: Logged): void {
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
  const here: { stack?: string } = {};
  // A V8 extension that not every browser has.
  const { captureStackTrace } = Error as { captureStackTrace?: (error: object, above: () => void) => void };
  if (captureStackTrace === undefined) return new Error('here').stack;
  captureStackTrace(here, caller);
  return here.stack;
}

/** Short, and of objects only their kind: a console call may print a whole customer. */
function textOf(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
