/** When a report is due: cron in a time zone, and what was missed while the server was not running. */
import { Cron } from 'croner';

import { badRequest } from '../errors.js';
import { MISSED_MAX, SCHEDULE_INTERVAL_MS_MIN } from './limits.js';

export interface Schedule {
  readonly schedule: string;
  readonly timezone: string;
}

/** The first time after a moment; undefined without a schedule. */
export function nextAfter({ schedule, timezone }: Schedule, afterMs: number): number | undefined {
  if (schedule === '') return undefined;
  return new Cron(schedule, { timezone, paused: true }).nextRun(new Date(afterMs))?.getTime();
}

/** The latest time that has come since the last one that was kept; what was missed before it is passed over. */
export function dueAt(
  of: Schedule,
  { lastMs, nowMs }: { lastMs: number; nowMs: number },
): number | undefined {
  let due: number | undefined;
  let next = nextAfter(of, lastMs);
  for (let count = 0; next !== undefined && next <= nowMs && count < MISSED_MAX; count += 1) {
    due = next;
    next = nextAfter(of, next);
  }
  return due;
}

/** Throws for a text that is no schedule, a zone that does not exist, or one that comes too often. */
export function checkSchedule(of: Schedule): void {
  if (of.schedule === '') return;
  const help = 'Write five fields of cron, for instance "0 9 * * 1", and a time zone such as Asia/Seoul.';
  let first: number | undefined;
  let second: number | undefined;
  try {
    first = nextAfter(of, Date.now());
    second = first === undefined ? undefined : nextAfter(of, first);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw badRequest('request_invalid', `"${of.schedule}" in ${of.timezone} is no schedule: ${reason}`, help);
  }
  if (first === undefined) throw badRequest('request_invalid', `"${of.schedule}" never comes.`, help);
  if (second !== undefined && second - first < SCHEDULE_INTERVAL_MS_MIN)
    throw badRequest('request_invalid', 'A report may come every five minutes, not more often.', help);
}
