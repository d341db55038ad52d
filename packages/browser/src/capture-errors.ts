/** Errors that nobody caught, and rejections that nobody handled. */
import type { Core } from './core.js';
import { listen } from './core.js';
import type { Attributes } from './types.js';

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

/** Short, and of objects only their kind: a console call may print a whole customer. */
export function textOf(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
}
