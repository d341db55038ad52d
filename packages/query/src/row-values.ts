/** Where the values of a record are, for the JavaScript form of the plan. No lists are made on the way. */
import type { FlatRecord, FlatValue, Resource } from '@sillok/record';
import type { Source } from './plan.js';

/** Who wrote a record: what stands in the header of its batch. */
export interface RowContext {
  readonly project: string;
  readonly producer: string;
  readonly boot: string;
  readonly observed_time: string;
  readonly resource: Resource;
}

/** A record with its context, as the live tail has it and as a row of a search is decoded. */
export interface Row {
  readonly record: FlatRecord;
  readonly context: RowContext;
}

/** Text of a string column; the empty string when absent. */
export function columnText(row: Row, column: string): string {
  const { record, context } = row;
  switch (column) {
    case 'project':
      return context.project;
    case 'producer':
      return context.producer;
    case 'boot':
      return context.boot;
    case 'observed_time':
      return context.observed_time;
    default: {
      const value = Object.hasOwn(record, column) ? record[column] : resourceText(context.resource, column);
      return typeof value === 'string' ? value : '';
    }
  }
}

function resourceText(resource: Resource, key: string): string {
  const value = Object.hasOwn(resource, key) ? resource[key] : undefined;
  return value === undefined ? '' : String(value);
}

/** Whether any value of a source passes: there is none, one, or one for each path of an attribute. */
export function someValue(row: Row, source: Source, test: (value: FlatValue) => boolean): boolean {
  switch (source.kind) {
    case 'text': {
      const text = columnText(row, source.column);
      return text !== '' && test(text);
    }
    case 'number': {
      const value = row.record[source.column];
      return typeof value === 'number' && test(value);
    }
    case 'time':
      return test(columnText(row, source.column));
    case 'resource': {
      const { resource } = row.context;
      const value = Object.hasOwn(resource, source.key) ? resource[source.key] : undefined;
      return value !== undefined && test(value);
    }
    case 'attribute':
      return someAttribute(row, source.paths, test);
  }
}

function someAttribute(row: Row, paths: readonly string[], test: (value: FlatValue) => boolean): boolean {
  const { attributes } = row.record;
  if (attributes === undefined) return false;
  for (const path of paths) {
    if (Object.hasOwn(attributes, path) && test(attributes[path] ?? null)) return true;
  }
  return false;
}
