/** What to call the place in the page that a record came from: a component, else a function, with its file and line. */
import type { FlatRecord } from '@sillok/record';

import { framesOf } from './stack.js';

export function componentOf({ attributes = {}, ...record }: FlatRecord): string {
  const said = attributes['browser.component'];
  const stack =
    attributes['browser.stacktrace'] ?? record['exception.stacktrace'] ?? attributes['code.stacktrace'];
  const [frame] = typeof stack === 'string' ? framesOf(stack) : [];
  const place = frame === undefined ? '' : `${fileOf(frame.url)}:${frame.line}`;
  const name = typeof said === 'string' && said !== '' ? said : (frame?.functionName ?? '');
  if (name === '') return place;
  return place === '' ? name : `${name} (${place})`;
}

/** The path without its host and query. */
function fileOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*\//i, '').replace(/[?#].*$/, '');
}
