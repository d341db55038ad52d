/** Level names and their numbers, the same as pino's, so that thresholds in settings files keep their meaning. */
import { LEVELS, type Level } from '@sillok/record';

export type LevelOrSilent = Level | 'silent';

export const LEVEL_VALUES: Readonly<Record<LevelOrSilent, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
  silent: Number.POSITIVE_INFINITY,
};

/** A name that we know, or undefined. Upper case is taken too, because settings often are. */
export function toLevel(text: string | undefined): LevelOrSilent | undefined {
  const name = text?.toLowerCase();
  if (name === 'silent') return 'silent';
  return LEVELS.find((level) => level === name);
}

/** The level of our own for another logger's number: the highest that is not above it. */
export function levelOfNumber(value: number): Level {
  let found: Level = 'trace';
  for (const level of LEVELS) if (value >= LEVEL_VALUES[level]) found = level;
  return found;
}
