/** `GET /api/fields` and `/api/fields/:name/values`: which fields the newest records of a search have, and their values. */
import { fieldsQuery, fieldValuesQuery, ROUTES, type FieldsPage, type FieldValuesPage } from '@sillok/api';
import { BUILT_IN_FIELDS, compileFieldList, compileFieldValues, fieldOf } from '@sillok/query';
import { KNOWN_ATTRIBUTES } from '@sillok/record';
import type { FastifyInstance } from 'fastify';
import { checked, projectOf, rangeOf, runSearch, searchOf, type Reading } from './reading.js';
import { gapsIn } from './trust.js';

export function registerFields(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.fields, async (request, reply): Promise<FieldsPage> => {
    const project = projectOf(reading, request);
    const asked = checked(fieldsQuery, request.query);
    const range = rangeOf(asked, Date.now());
    const freshness = reading.state.freshness();
    const statement = compileFieldList(searchOf(asked.q), {
      project,
      ...range,
      table: reading.store().table,
    });
    const { rows, statistics } = await runSearch(reading, statement, { project, reply });
    const fields = rows.map(([name, count, types]) => ({
      name: String(name),
      source: sourceOf(String(name)),
      count: Number(count),
      ...typesOf(types),
    }));
    const sampled = fields.find(({ name }) => name === 'time')?.count ?? 0;
    return { fields, sampled, freshness, ...gapsIn(reading.state, project, range), cost: statistics };
  });

  app.get<{ Params: { name: string } }>(
    ROUTES.fieldValues,
    async (request, reply): Promise<FieldValuesPage> => {
      const project = projectOf(reading, request);
      const asked = checked(fieldValuesQuery, request.query);
      const range = rangeOf(asked, Date.now());
      const freshness = reading.state.freshness();
      const { name } = request.params;
      const scope = { project, ...range, table: reading.store().table, limit: asked.limit };
      const statement = compileFieldValues(searchOf(asked.q), fieldOf(name), scope);
      const { rows, statistics } = await runSearch(reading, statement, { project, reply });
      const values = rows.map(([value, count]) => ({ value, count: Number(count) }));
      const trust = { freshness, ...gapsIn(reading.state, project, range), cost: statistics };
      return { field: name, values, truncated: rows.length >= asked.limit, ...trust };
    },
  );
}

/** Nothing for a field with a column: what did not fit there is a field of its own, `attributes.NAME`. */
function typesOf(counts: unknown): { types?: Readonly<Record<string, number>> } {
  if (typeof counts !== 'object' || counts === null) return {};
  const entries = Object.entries(counts).map(([type, count]): [string, number] => [type, Number(count)]);
  return entries.length === 0 ? {} : { types: Object.fromEntries(entries) };
}

const KNOWN_NAMES = new Set(KNOWN_ATTRIBUTES.map(({ name }) => name));
const BUILT_IN = new Set(BUILT_IN_FIELDS);

function sourceOf(name: string): string {
  if (name.startsWith('resource.') || fieldOf(`resource.${name}`).source.kind === 'text') return 'resource';
  return BUILT_IN.has(name) && !KNOWN_NAMES.has(name) ? 'envelope' : 'attribute';
}
