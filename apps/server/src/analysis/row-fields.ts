/** Reads fields of a stored record by their names, wherever they are kept: column, attribute or resource. */
import type { RecordRef } from '@sillok/api';
import type { Row } from '@sillok/query';
import { parseTime, timeToNs, type FlatValue } from '@sillok/record';

/** The value of an attribute; a name with dots is a path, or one key that has dots in it. */
export function valueOf(row: Row, name: string): FlatValue | undefined {
  const { record } = row;
  const known = record[name];
  if (known !== undefined && name !== 'attributes') return known as FlatValue; // a known attribute is a leaf
  const { attributes } = record;
  if (attributes === undefined) return undefined;
  if (Object.hasOwn(attributes, name)) return attributes[name];
  const escaped = name.replaceAll('.', String.raw`\.`);
  return Object.hasOwn(attributes, escaped) ? attributes[escaped] : undefined;
}

/** As text; empty when absent. */
export function textOf(row: Row, name: string): string {
  const value = valueOf(row, name);
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function numberOf(row: Row, name: string): number | undefined {
  const value = valueOf(row, name);
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** A list; a single value is a list of one. */
export function listOf(row: Row, name: string): readonly unknown[] {
  const value = valueOf(row, name);
  if (Array.isArray(value)) return value;
  return value === undefined || value === null || value === '' ? [] : [value];
}

export function resourceOf({ context }: Row, name: string): string {
  const value = context.resource[name];
  return value === undefined ? '' : String(value);
}

export function refOf({ record, context }: Row): RecordRef {
  return { producer: context.producer, boot: context.boot, seq: record.seq, time: record.time };
}

/** A record's attributes whose names begin so, as pairs of name and text. */
export function attributesUnder(row: Row, prefix: string): (readonly [string, string])[] {
  return Object.keys(row.record.attributes ?? {})
    .filter((name) => name.startsWith(prefix))
    .map((name) => [name, textOf(row, name)] as const);
}

/** When it began: an access record is written at its end, a span of our SDK says when it began. */
export function startNs(row: Row): bigint {
  const own = parseTime(textOf(row, 'span.start_time'));
  if (own !== undefined) return timeToNs(own);
  const time = timeToNs(row.record.time);
  if (row.record.kind !== 'access') return time;
  return time - BigInt(Math.round(durationMs(row) * 1e6));
}

export function durationMs(row: Row): number {
  const duration = numberOf(row, 'duration_ms');
  return duration === undefined || duration < 0 ? 0 : duration;
}
