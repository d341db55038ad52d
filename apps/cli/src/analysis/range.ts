/** What most analysis commands share: a range of time, a limit, and how their options become parameters. */
import type { Command } from 'commander';
import { countOption, momentOption, type ServerOptions } from '../common.js';

export interface RangeOptions extends ServerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
}

export function addRange(command: Command, limit?: string): Command {
  command
    .option('--from <moment>', 'oldest time: 15m, 2026-11-21, RFC 3339', momentOption)
    .option('--to <moment>', 'newest time, not included', momentOption);
  return limit === undefined ? command : command.option('--limit <count>', limit, countOption('limit'));
}

/** Without what was not given. */
export function given<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>; // the same names and values, some left out
}
