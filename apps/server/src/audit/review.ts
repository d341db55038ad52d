/**
 * The monthly review of who accessed personal data, as Korean privacy rules ask for it (접속기록 점검): per account how often,
 * about how many people, from where, and what is unusual. Pure; it looks at one access after the other and keeps counts only.
 *
 * A sign is a reason to look and no accusation. What counts as one stands in `limits.ts`.
 */
import type { AuditChange, ReviewActor, ReviewSign } from '@sillok/api';
import { DOWNLOAD_VERBS, isActionOf } from '@sillok/record';

import {
  REVIEW_ADDRESSES_MAX,
  REVIEW_BULK_HOUR_MIN,
  REVIEW_NIGHT_FROM_HOUR,
  REVIEW_NIGHT_TO_HOUR,
  REVIEW_PEOPLE_MAX,
} from '../limits.js';

interface Counting {
  readonly type: string;
  readonly id: string;
  name?: string;
  accesses: number;
  downloads: number;
  night: number;
  weekend: number;
  denied: number;
  withoutReason: number;
  readonly people: Set<string>;
  readonly addresses: Set<string>;
  /** Accesses by the hour in which they happened. */
  readonly hours: Map<string, number>;
}

export interface Reviewed {
  readonly accesses: number;
  readonly people: number;
  readonly actors: readonly ReviewActor[];
}

export class Review {
  readonly #actors = new Map<string, Counting>();
  readonly #people = new Set<string>();
  readonly #clock: Intl.DateTimeFormat;
  #accesses = 0;

  /** Throws a `RangeError` for a time zone that does not exist. */
  constructor(zone: string) {
    this.#clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      hourCycle: 'h23',
    });
  }

  add(change: AuditChange): void {
    const { actor, action, outcome, time, subject, client_address, reason } = change;
    const counting = this.#of(actor);
    const { hour, isWeekend } = this.#momentOf(time);
    if (actor.name !== undefined) counting.name ??= actor.name;
    this.#accesses += 1;
    counting.accesses += 1;
    if (isActionOf(DOWNLOAD_VERBS, action)) counting.downloads += 1;
    if (hour >= REVIEW_NIGHT_FROM_HOUR || hour < REVIEW_NIGHT_TO_HOUR) counting.night += 1;
    if (isWeekend) counting.weekend += 1;
    if (outcome === 'denied') counting.denied += 1;
    if (reason === undefined) counting.withoutReason += 1;
    for (const people of [counting.people, this.#people]) {
      if (subject !== undefined && people.size < REVIEW_PEOPLE_MAX) people.add(subject);
    }
    if (client_address !== undefined && counting.addresses.size < REVIEW_ADDRESSES_MAX)
      counting.addresses.add(client_address);
    const hourKey = `${time.slice(0, 13)}:00:00Z`;
    counting.hours.set(hourKey, (counting.hours.get(hourKey) ?? 0) + 1);
  }

  result(): Reviewed {
    const actors = [...this.#actors.values()]
      .map(actorOf)
      .toSorted((a, b) => b.signs.length - a.signs.length || b.accesses - a.accesses);
    return { accesses: this.#accesses, people: this.#people.size, actors };
  }

  #of({ type, id }: AuditChange['actor']): Counting {
    const key = `${type}\n${id}`;
    const known = this.#actors.get(key);
    if (known !== undefined) return known;
    const counts = { accesses: 0, downloads: 0, night: 0, weekend: 0, denied: 0, withoutReason: 0 };
    const made: Counting = {
      type,
      id,
      ...counts,
      people: new Set(),
      addresses: new Set(),
      hours: new Map(),
    };
    this.#actors.set(key, made);
    return made;
  }

  #momentOf(time: string): { readonly hour: number; readonly isWeekend: boolean } {
    const parts = this.#clock.formatToParts(new Date(time));
    const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
    return { hour: Number(part('hour')), isWeekend: ['Sat', 'Sun'].includes(part('weekday')) };
  }
}

function actorOf(counting: Counting): ReviewActor {
  const { people, addresses, hours, withoutReason, ...rest } = counting;
  const [time, accesses] = [...hours].reduce((most, each) => (each[1] > most[1] ? each : most));
  const isPerson = counting.type === 'user' || counting.type === 'admin';
  const signs: readonly (readonly [ReviewSign, boolean])[] = [
    ['bulk', accesses >= REVIEW_BULK_HOUR_MIN],
    ['download', counting.downloads > 0],
    ['night', isPerson && counting.night > 0],
    ['weekend', isPerson && counting.weekend > 0],
    ['denied', counting.denied > 0],
    // Downloads need a reason; of mere looks most systems ask none.
    ['no_reason', counting.downloads > 0 && withoutReason > 0],
  ];
  return {
    ...rest,
    without_reason: withoutReason,
    people: people.size,
    addresses: [...addresses],
    busiest_hour: { time, accesses },
    signs: signs.flatMap(([sign, holds]) => (holds ? [sign] : [])),
  };
}

/** The month as it begins and ends by the clock of the zone. */
export function monthRange(month: string, zone: string): { readonly from: string; readonly to: string } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return { from: midnightIn(zone, year, number - 1), to: midnightIn(zone, year, number) };
}

/** The UTC time of the first of a month, 00:00 in a zone. Asked twice, since the offset may change in between. */
function midnightIn(zone: string, year: number, monthIndex: number): string {
  const wanted = Date.UTC(year, monthIndex, 1);
  const first = wanted - offsetMs(zone, wanted);
  return new Date(wanted - offsetMs(zone, first)).toISOString();
}

function offsetMs(zone: string, atMs: number): number {
  const fields = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(new Date(atMs));
  const of = (type: string): number => Number(fields.find((each) => each.type === type)?.value);
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
  return local - Math.floor(atMs / 1000) * 1000;
}
