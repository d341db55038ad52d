/**
 * Records what kills the process, and Node's warnings, synchronously and without changing what happens next: monitors
 * see an exception before the host's handlers do. A rejection that the host handles itself passes no monitor, so a
 * listener of ours stands beside the host's, and only beside it: alone it would keep Node from ending the process.
 */
import type { Logger } from './logger.js';

export interface FatalOptions {
  readonly fatal: boolean;
  readonly warnings: boolean;
}

/** Returns what takes the listeners away again. */
export function captureFatal(log: Logger, options: FatalOptions): () => void {
  const removers: (() => void)[] = [];
  if (options.fatal) removers.push(captureExceptions(log), captureRejections(log));
  if (options.warnings) removers.push(captureWarnings(log));
  return () => {
    for (const remove of removers) remove();
  };
}

function captureExceptions(log: Logger): () => void {
  const monitor = (error: unknown, origin: string): void => {
    const fields = error instanceof Error ? { err: error } : { 'exception.message': String(error) };
    log.fatal({ ...fields, 'sillok.origin': origin }, describe(origin, error));
  };
  process.on('uncaughtExceptionMonitor', monitor);
  return () => void process.removeListener('uncaughtExceptionMonitor', monitor);
}

function captureRejections(log: Logger): () => void {
  const listener = (reason: unknown): void => {
    const fields = reason instanceof Error ? { err: reason } : { 'exception.message': String(reason) };
    log.error({ ...fields, 'sillok.origin': 'unhandledRejection' }, describe('unhandledRejection', reason));
  };
  let isListening = false;
  const others = (): number => process.listenerCount('unhandledRejection') - (isListening ? 1 : 0);
  const follow = (expected: number): void => {
    if (expected > 0 && !isListening) {
      isListening = true;
      process.prependListener('unhandledRejection', listener);
    } else if (expected === 0 && isListening) {
      isListening = false;
      process.removeListener('unhandledRejection', listener);
    }
  };
  // `newListener` comes before the listener is counted.
  const added = (event: string | symbol, other: unknown): void => {
    if (event === 'unhandledRejection' && other !== listener) follow(others() + 1);
  };
  const removed = (event: string | symbol, other: unknown): void => {
    if (event === 'unhandledRejection' && other !== listener) follow(others());
  };
  process.on('newListener', added);
  process.on('removeListener', removed);
  follow(others());
  return () => {
    process.removeListener('newListener', added);
    process.removeListener('removeListener', removed);
    follow(0);
  };
}

function captureWarnings(log: Logger): () => void {
  const listener = (warning: Error): void => {
    log.warn({ err: warning, 'sillok.origin': 'warning' }, `${warning.name}: ${warning.message}`);
  };
  process.on('warning', listener);
  return () => void process.removeListener('warning', listener);
}

function describe(origin: string, error: unknown): string {
  const name = origin === 'unhandledRejection' ? 'unhandled rejection' : 'uncaught exception';
  return `${name}: ${error instanceof Error ? error.message : String(error)}`;
}
