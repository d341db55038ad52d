/** What there is: for the console's pages and forms, and as OpenAPI for programs of any language. */
import { z } from 'zod';
import type { AnyAction, AnyEntity } from './define.js';
import type { AdminDescription, EntityDescription, JsonSchema, Title } from './wire.js';

const LIST_FIELDS = 6;

export function describe(
  service: string,
  entities: readonly AnyEntity[],
  actions: readonly AnyAction[],
): AdminDescription {
  return { service, entities: entities.map((entity) => describeEntity(entity, actions)) };
}

function describeEntity(entity: AnyEntity, actions: readonly AnyAction[]): EntityDescription {
  const fields = schemaOf(entity.fields, 'output');
  const names = Object.keys(Object(fields['properties']));
  return {
    type: entity.type,
    title: entity.title,
    fields,
    list: entity.list ?? names.slice(0, LIST_FIELDS),
    personal: entity.personal?.fields ?? [],
    personal_role: entity.personal?.role ?? 'admin',
    actions: actions
      .filter((action) => action.entity === entity)
      .map((action) => ({
        name: action.name,
        title: action.title,
        description: action.description ?? '',
        input: schemaOf(action.input, 'input'),
        role: action.role ?? 'member',
        reason: action.reason ?? 'optional',
        four_eyes: action.fourEyes === true,
        dangerous: action.isDangerous === true,
        creates: action.creates,
      })),
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  // A date or a transform has no JSON form of its own: any value, as JSON writes it.
  return z.toJSONSchema(schema, { io, unrepresentable: 'any' });
}

export function openApiOf({ service, entities }: AdminDescription): object {
  const paths = Object.assign({}, ...entities.map(pathsOf));
  return {
    openapi: '3.1.0',
    info: { title: `Admin API of ${service}`, version: '1' },
    paths,
    components: { schemas: { error: ERROR, plan: PLAN, run: RUN } },
  };
}

function pathsOf({ type, title, fields, actions }: EntityDescription): object {
  const row = { type: 'object', properties: { id: { type: 'string' }, fields }, required: ['id', 'fields'] };
  const page = { type: 'object', properties: { rows: { type: 'array', items: row }, next: NULLABLE_TEXT } };
  const words = textOf(title);
  const paths: Record<string, object> = {
    [`/${type}`]: {
      get: {
        operationId: `${type}.search`,
        summary: `Search: ${words}`,
        parameters: [query('text'), query('limit'), query('cursor')],
        responses: answers(page),
      },
    },
    [`/${type}/entities/{id}`]: {
      get: {
        operationId: `${type}.read`,
        summary: `Read: ${words}`,
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        responses: answers({ ...row, properties: { ...row.properties, version: { type: 'string' } } }),
      },
    },
  };
  for (const action of actions) {
    const id = { id: { type: 'string' } };
    const body = { ...(action.creates ? {} : id), input: action.input };
    const run = { ...body, reason: TEXT, version: TEXT, key: TEXT };
    const needed = action.creates ? ['input'] : ['id', 'input'];
    const summary = textOf(action.title);
    paths[`/${type}/actions/${action.name}/plan`] = {
      post: {
        operationId: `${type}.${action.name}.plan`,
        summary: `What it would change: ${summary}`,
        requestBody: json({ type: 'object', properties: body, required: needed }),
        responses: answers({ $ref: '#/components/schemas/plan' }),
      },
    };
    paths[`/${type}/actions/${action.name}/run`] = {
      post: {
        operationId: `${type}.${action.name}.run`,
        summary,
        requestBody: json({ type: 'object', properties: run, required: [...needed, 'key'] }),
        responses: answers({ $ref: '#/components/schemas/run' }),
      },
    };
  }
  return paths;
}

const TEXT = { type: 'string' } as const;
const NULLABLE_TEXT = { type: ['string', 'null'] } as const;
const DIFF = {
  type: 'array',
  items: { type: 'object', properties: { path: TEXT, before: {}, after: {} }, required: ['path'] },
} as const;
const PLAN = { type: 'object', properties: { id: TEXT, version: TEXT, diff: DIFF } } as const;
const RUN = {
  type: 'object',
  properties: {
    state: { enum: ['done', 'requested'] },
    id: TEXT,
    audit_id: TEXT,
    diff: DIFF,
    repeated: { type: 'boolean' },
    request: NULLABLE_TEXT,
    flush_token: NULLABLE_TEXT,
  },
} as const;
const ERROR = {
  type: 'object',
  properties: { error: { type: 'object', properties: { code: TEXT, message: TEXT, help: TEXT } } },
} as const;

function answers(schema: object): object {
  return {
    200: { description: 'Done', ...json(schema) },
    default: { description: 'Refused', ...json({ $ref: '#/components/schemas/error' }) },
  };
}

function json(schema: object): object {
  return { content: { 'application/json': { schema } } };
}

function query(name: string): object {
  return { name, in: 'query', schema: TEXT };
}

function textOf(title: Title): string {
  return typeof title === 'string' ? title : title.en;
}
