/** Texts of a service in the reader's language, and its values as people read them. */
import type { AdminServicesAnswer, EntityDescription, Title } from '@sillok/api';
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

/** A missing side is a dash, so that it differs from an empty text. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '–';
  if (typeof value === 'boolean') return say(adminWords)[value ? 'yes' : 'no'];
  if (typeof value === 'string') return shown(value) === '' ? '""' : shown(value);
  return shown(JSON.stringify(value) ?? '');
}
