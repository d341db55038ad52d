/** A record as the data of a server-sent event: made once, however many readers see it. */
import { toEnvelope } from '@sillok/record';
import type { Row } from '@sillok/query';

const texts = new WeakMap<Row['record'], string>();

/** A record belongs to one batch, so its context is always the same. */
export function eventData({ record, context }: Row): string {
  const known = texts.get(record);
  if (known !== undefined) return known;
  const text = `data: ${JSON.stringify(toEnvelope(record, context))}\n\n`;
  texts.set(record, text);
  return text;
}
