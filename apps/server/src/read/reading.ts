/** What every route of the reading side shares: who asks, checked parameters, the parsed search, the range of time. */
import { parseMoment } from '@sillok/api';
import { parseQuery, type Query } from '@sillok/query';
import type { SelectResult } from '@sillok/store';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { ReadDeps } from '../seams.js';
import type { CursorCodec } from './cursor.js';
import { fromStore, ReadError } from './errors.js';
import type { Guard } from './guard/guard.js';
import type { HintNames } from './hints.js';
import type { Misfits } from './misfits.js';
import type { RunningQueries, RunOptions, RunQuery } from './running.js';
import { inputWords } from './wrong-input.js';

export interface Reading extends ReadDeps {
  readonly cursors: CursorCodec;
  readonly guard: Guard;
  readonly hints: HintNames;
  readonly misfits: Misfits;
  readonly running: RunningQueries;
}

/** The project of the key, which must have the scope `read`. */
export function projectOf(reading: ReadDeps, request: FastifyRequest): string {
  return reading.auth.authenticate(request, 'read').project;
}

export function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(withoutEmpty(value), { error: inputWords });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw new ReadError(
    'request_invalid',
    `${where === '' ? 'The request' : `"${where}"`} is not valid: ${issue?.message}.`,
  );
}

/** `from=&to=` means that neither is given. */
function withoutEmpty(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== ''));
}

/** The search as a plan, or its errors with their places in the text. */
export function searchOf(q: string): Query {
  const parsed = parseQuery(q);
  if (parsed.ok) return parsed.query;
  const [first] = parsed.errors;
  const more = { from: first?.from ?? 0, to: first?.to ?? 0, errors: parsed.errors };
  const message = `The search cannot be read: ${first?.message ?? 'it is not valid'}.`;
  throw new ReadError('query_invalid', message, {
    more,
    ...(first === undefined ? {} : { help: first.help }),
  });
}

export function hasPipes(query: Query): boolean {
  return query.stages.length > 0;
}

export interface Range {
  readonly from?: string;
  readonly to?: string;
}

export function rangeOf(given: { from?: string | undefined; to?: string | undefined }, nowMs: number): Range {
  const from = momentOf('from', given.from, nowMs);
  const to = momentOf('to', given.to, nowMs);
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

export function momentOf(name: string, text: string | undefined, nowMs: number): string | undefined {
  if (text === undefined) return undefined;
  const time = parseMoment(text, nowMs);
  if (time === undefined) throw new ReadError('time_invalid', `"${text}" is not a time (${name}).`);
  return time;
}

/** The ends of time, for what needs both ends. Records lie between. */
export const TIME_FIRST = '1970-01-01T00:00:00.000000000Z';
export const TIME_LAST = '2261-12-31T23:59:59.999999999Z';

/** Runs a statement of our own. */
export async function runSearch(
  reading: Reading,
  query: RunQuery,
  options: RunOptions,
): Promise<SelectResult> {
  try {
    return await reading.running.run(query, options);
  } catch (error) {
    throw fromStore(error);
  }
}
