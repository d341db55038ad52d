/** Texts of a service in the reader's language, and its values as people read them. */
import type { AdminServicesAnswer, EntityDescription, JsonSchema, Title } from '@sillok/api';
import { shown } from '../../text.js';
import { languageStore, say } from '../../words/dictionary.js';
import { adminWords } from '../../words/admin.js';

export function titleOf(title: Title): string {
  return shown(typeof title === 'string' ? title : title[languageStore.get()]);
}

export function entityIn(
  answer: AdminServicesAnswer | undefined,
  { service, type }: { readonly service: string; readonly type: string },
): EntityDescription | undefined {
  const found = answer?.services.find(({ name }) => name === service);
  return found?.description?.entities.find((each) => each.type === type);
}

/** What people call a field: the `title` of its schema, of each part of its path that has one. */
export function labelOf(schema: JsonSchema | undefined, path: string): string {
  let own: unknown = schema;
  const names = path.split('.').map((part) => {
    own = Reflect.get(Object(Object(own)['properties']), part);
    const title: unknown = Object(own)['title'];
    return typeof title === 'string' && title !== '' ? title : part;
  });
  return shown(names.join('.'));
}

/** What was filled in: `item: cup, percent: 10`. What is no list of fields is shown as it is. */
export function inputText(input: unknown): string {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return valueText(input);
  const fields = Object.entries(input);
  if (fields.length === 0) return '–';
  return fields.map(([name, value]) => `${shown(name)}: ${valueText(value)}`).join(', ');
}

/** A missing side is a dash, so that it differs from an empty text. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'boolean') return say(adminWords)[value ? 'yes' : 'no'];
  if (typeof value === 'string') return shown(value) === '' ? '""' : shown(value);
  return shown(JSON.stringify(value) ?? '');
}
