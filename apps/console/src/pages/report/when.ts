/**
 * When a report comes, as people say it (every Monday at nine), and the cron text that is kept. What cannot be said so is
 * written as cron.
 */
export type When =
  | { readonly kind: 'never' }
  | { readonly kind: 'daily'; readonly at: string }
  /** 0 is Sunday. */
  | { readonly kind: 'weekly'; readonly at: string; readonly day: number }
  | { readonly kind: 'monthly'; readonly at: string; readonly day: number }
  | { readonly kind: 'cron'; readonly text: string };

const PLAIN = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[0-6])$/;

export function whenOf(schedule: string): When {
  if (schedule.trim() === '') return { kind: 'never' };
  const [, minute, hour, date, day] = PLAIN.exec(schedule.trim()) ?? [];
  const cron: When = { kind: 'cron', text: schedule };
  if (minute === undefined || hour === undefined || Number(minute) > 59 || Number(hour) > 23) return cron;
  const at = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  if (date === '*' && day === '*') return { kind: 'daily', at };
  if (date === '*') return { kind: 'weekly', at, day: Number(day) };
  if (day === '*' && Number(date) >= 1 && Number(date) <= 28)
    return { kind: 'monthly', at, day: Number(date) };
  return cron;
}

/** A time that is not whole yet is nine o'clock. */
export function scheduleOf(when: When): string {
  if (when.kind === 'never') return '';
  if (when.kind === 'cron') return when.text;
  const [, hour = '9', minute = '0'] = /^(\d{1,2}):(\d{1,2})/.exec(when.at) ?? [];
  const time = `${Number(minute)} ${Number(hour)}`;
  if (when.kind === 'daily') return `${time} * * *`;
  return when.kind === 'weekly' ? `${time} * * ${when.day}` : `${time} ${when.day} * *`;
}
