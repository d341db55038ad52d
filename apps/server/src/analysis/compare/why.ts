/** `GET /api/why`: which values a slice has more often than the rest, in one statement. */
import { ROUTES, whyQuery, type WhyAnswer } from '@sillok/api';
import { compileWhy, type Query } from '@sillok/query';
import type { FastifyInstance } from 'fastify';
import { ReadError } from '../../read/errors.js';
import { checked, hasPipes, momentOf, rangeOf, searchOf, type Reading } from '../../read/reading.js';
import { analysisOf, callerOf } from '../caller.js';
import { WHY_ROWS_MAX, WHY_UNITS_MAX, WHY_VALUE_CHARS_MAX } from '../limits.js';
import { rank, type ValueCount } from './rank.js';

export function registerWhy(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.why, async (request, reply): Promise<WhyAnswer> => {
    const caller = callerOf(reading, request, reply);
    const asked = checked(whyQuery, request.query);
    const nowMs = Date.now();
    const range = rangeOf(asked, nowMs);
    const query = plainSearch(asked.q);
    const base = {
      query: plainSearch(asked.base_q),
      from: momentOf('base_from', asked.base_from, nowMs) ?? range.from,
      to: momentOf('base_to', asked.base_to, nowMs) ?? range.to,
    };
    const except = asked.except === '' ? undefined : plainSearch(asked.except);
    const rows = await caller.rows(
      compileWhy({
        ...analysisOf(caller, nowMs),
        slice: { query, ...range },
        base,
        except,
        unit: asked.unit,
        units: WHY_UNITS_MAX,
        rows: WHY_ROWS_MAX,
        valueChars: WHY_VALUE_CHARS_MAX,
      }),
    );
    const counts = rows.map(countOf);
    const totals = counts.find(({ field }) => field === '');
    const sides = { slice: totals?.slice ?? 0, base: totals?.base ?? 0 };
    const found = rank(
      counts.filter(({ field }) => field !== ''),
      sides,
      fieldsOf(query),
    );
    const shares = [
      [sides.slice, Number(rows[0]?.[4] ?? 0)],
      [sides.base, Number(rows[0]?.[5] ?? 0)],
    ].map(([drawn = 0, all = 0]) => (asked.unit === 'trace' || all === 0 ? 1 : drawn / all));
    return {
      ...sides,
      conditions: found.conditions.slice(0, asked.limit),
      consequences: found.consequences.slice(0, asked.limit),
      sample: Math.min(1, ...shares),
      ...caller.trust(range),
    };
  });
}

export function plainSearch(text: string): Query {
  const query = searchOf(text);
  if (hasPipes(query))
    throw new ReadError('pipes_refused', 'What is compared are records, so the search has no pipes.');
  return query;
}

function countOf([field, value, slice, base]: unknown[]): ValueCount {
  return { field: String(field), value: String(value), slice: Number(slice), base: Number(base) };
}

/** What the slice was chosen by tells it apart by definition. */
function fieldsOf(query: Query): ReadonlySet<string> {
  return new Set(query.fields.map(({ field }) => field.name));
}
