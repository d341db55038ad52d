/**
 * A flat record → the shape that the API answers: known attributes back among the others, everything nested.
 */
import { emptyFlat } from './flat.js';
import { unflatten } from './flatten.js';
import { ENVELOPE_IDS, KNOWN_ATTRIBUTES } from './known.js';
import type { Envelope, FlatRecord, FlatValue, Resource } from './types.js';

/** What a line does not say about itself. */
export interface RecordContext {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly observed_time: string;
  readonly resource: Resource;
}

export function toEnvelope(record: FlatRecord, context: RecordContext): Envelope {
  const { project, producer, boot, observed_time, resource } = context;
  const { seq, time, kind, level, message } = record;
  const envelope = { project, producer, boot, seq, time, observed_time, kind, level, message };
  const ids: { [id: string]: string } = {};
  for (const id of ENVELOPE_IDS) {
    const value = record[id];
    if (value !== undefined && value !== '') ids[id] = value;
  }
  const flat = Object.assign(emptyFlat(), record.attributes);
  for (const { name } of KNOWN_ATTRIBUTES) {
    const value = record[name];
    if (value !== undefined) flat[name] = value as FlatValue; // a known attribute is a string or a number
  }
  return { ...envelope, ...ids, resource, attributes: unflatten(flat) };
}
