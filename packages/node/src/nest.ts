/**
 * `@sillok/node/nest`: for NestJS on Express, `app.use(sillokNest())`; on Fastify register `sillokFastify`. And Nest's own
 * log lines: `NestFactory.create(AppModule, { logger: nestLogger() })`.
 */
import type { Level } from '@sillok/record';
import { sillokExpress } from './express.js';
import type { Logger } from './logger.js';
import { getLogger } from './sillok.js';

export type { HttpOptions } from './http/request.js';

/** Nest on Express calls middleware as Express does, and leaves the route in the same place. */
export const sillokNest = sillokExpress;

/** Nest's `LoggerService`, by structure. */
export interface NestLogger {
  log(message: unknown, ...values: unknown[]): void;
  error(message: unknown, ...values: unknown[]): void;
  warn(message: unknown, ...values: unknown[]): void;
  debug(message: unknown, ...values: unknown[]): void;
  verbose(message: unknown, ...values: unknown[]): void;
  fatal(message: unknown, ...values: unknown[]): void;
}

export function nestLogger(log: Logger = getLogger()): NestLogger {
  const at =
    (level: Level) =>
    (message: unknown, ...values: unknown[]): void =>
      write(log, level, [message, values]);
  return {
    log: at('info'),
    error: at('error'),
    warn: at('warn'),
    debug: at('debug'),
    verbose: at('trace'),
    fatal: at('fatal'),
  };
}

/** Nest passes the class that speaks as the last argument, and a stack before it for errors. */
function write(log: Logger, level: Level, [message, values]: [unknown, readonly unknown[]]): void {
  const texts = values.filter((value) => typeof value === 'string');
  const context = texts.at(-1);
  const stack = texts.length > 1 && /\n\s+at /.test(texts[0] ?? '') ? texts[0] : undefined;
  const fields = {
    ...(context === undefined ? {} : { 'nest.context': context }),
    ...(stack === undefined ? {} : { 'exception.stacktrace': stack }),
  };
  if (message instanceof Error) log[level]({ ...fields, err: message }, '%s', message.message);
  else if (typeof message === 'object' && message !== null) log[level]({ ...message, ...fields });
  else log[level](fields, '%s', String(message));
}
