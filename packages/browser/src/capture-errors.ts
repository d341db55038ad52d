/** Errors that nobody caught, rejections that nobody handled, and, if wished, calls of `console`. */
import type { Core } from './core.js';
import { listen } from './core.js';
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
    const record = core.guarded((values: readonly unknown[]) => takeLog(core, method, values));
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

function takeLog(core: Core, method: string, values: readonly unknown[]): void {
  const [only] = values;
  const text = values.length === 1 && typeof only === 'string' ? only : values.map(textOf).join(' ');
  core.event('browser.log', `${method} ${text}`, () => ({
    level: LEVELS[method] ?? 'info',
    message: text,
    attributes: { 'browser.console': method, ...whereFrom() },
  }));
}

/** The call's own place: what a storm notice names. The frames of the SDK itself are left out by the server. */
function whereFrom(): Attributes {
  return { 'code.stacktrace': new Error('here').stack };
}

/** Short, and of objects only their kind: a console call may print a whole customer. */
function textOf(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
