/**
 * What is written by `console`, as records, and on the terminal as before. Arguments are put together as Node does it;
 * an error among them gives the record its exception.
 */
import { format } from 'node:util';
import type { Level } from '@sillok/record';
import type { Logger } from './logger.js';

const LEVEL_OF: Readonly<Record<'log' | 'info' | 'debug' | 'warn' | 'error' | 'trace', Level>> = {
  log: 'info',
  info: 'info',
  debug: 'debug',
  warn: 'warn',
  error: 'error',
  trace: 'debug',
};

export interface ConsoleOptions {
  /** Also print, as before. Default true. */
  readonly print?: boolean | undefined;
}

type Method = keyof typeof LEVEL_OF;

/** Returns what restores the console. */
export function captureConsole(log: Logger, options: ConsoleOptions = {}): () => void {
  const originals = new Map<Method, (...values: unknown[]) => void>();
  let isRecording = false;
  const record = (method: Method, values: readonly unknown[]): void => {
    // Formatting may call code of the host that writes to the console again.
    if (isRecording) return;
    isRecording = true;
    try {
      const error = values.find((value) => value instanceof Error);
      const fields = { 'sillok.origin': 'console', ...(error === undefined ? {} : { err: error }) };
      log[LEVEL_OF[method]](fields, '%s', format(...values));
    } finally {
      isRecording = false;
    }
  };
  // The keys of a literal are known.
  for (const method of Object.keys(LEVEL_OF) as Method[]) {
    const original = console[method].bind(console);
    originals.set(method, original);
    console[method] = (...values: unknown[]): void => {
      record(method, values);
      if (options.print !== false) original(...values);
    };
  }
  return () => {
    for (const [method, original] of originals) console[method] = original;
  };
}
