/** What other programs call the level of a record → one of pino's six names. */
import { LEVELS } from './types.js';
import type { Level } from './types.js';

const NAMES: { readonly [level in Level]: string } = {
  trace: 'trace verbose silly finest finer t v',
  debug: 'debug dbg fine d',
  info: 'info information informational inf notice log config http ok success default i n',
  warn: 'warn warning wrn w',
  error: 'error err severe failure eror e',
  fatal: 'fatal critical crit alert emerg emergency panic dpanic ftl f c a',
};

const BY_NAME = new Map<string, Level>(
  LEVELS.flatMap((level) => NAMES[level].split(' ').map((name): [string, Level] => [name, level])),
);

/** Syslog severities 0 (emergency) to 7 (debug). */
const BY_SYSLOG: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

/** Names in any case; numbers of pino and bunyan (10 to 60) and, below 8, of syslog. */
export function toLevel(value: unknown): Level | undefined {
  if (typeof value === 'number') return numberToLevel(value);
  if (typeof value !== 'string' || value.length > 32) return undefined;
  const name = value.trim().toLowerCase();
  const known = BY_NAME.get(name);
  if (known) return known;
  return /^\d{1,3}$/.test(name) ? numberToLevel(Number(name)) : undefined;
}

function numberToLevel(value: number): Level | undefined {
  if (Number.isInteger(value) && value >= 0 && value < 8) return BY_SYSLOG[value];
  if (!(value >= 10 && value <= 100)) return undefined;
  // Custom levels of pino lie between the standard ones and belong to the one below them.
  return LEVELS[Math.min(Math.floor(value / 10), LEVELS.length) - 1];
}

/** Whether `value` says no more than the level's own name does. */
export function isPlainLevel(value: unknown, level: Level): boolean {
  if (typeof value === 'string') return value.toLowerCase() === level;
  return value === (LEVELS.indexOf(level) + 1) * 10;
}

/** OpenTelemetry's severity numbers 1 to 24, four to a level. */
export function levelOfSeverityNumber(severity: number): Level | undefined {
  if (!Number.isInteger(severity) || severity < 1 || severity > 24) return undefined;
  return LEVELS[Math.floor((severity - 1) / 4)];
}
