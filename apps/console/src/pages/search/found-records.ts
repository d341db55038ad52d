/**
 * The records of a search over all pages that were read, as a list. Pages stay bytes; a record becomes an object when it is asked
 * for, and the latest of those are kept, so that a row that is drawn again is the same object. A list does not change: a page
 * more makes another one out of the same pages.
 */
import type { Envelope } from '@sillok/record';
import type { PageBytes } from '../../api/page-bytes.js';
import { PARSED_RECORDS_MAX } from '../../limits.js';

export interface FoundRecords {
  readonly length: number;
  /** Records that were put before the first ones since the search: the list keeps its place by it. */
  readonly before: number;
  readonly at: (index: number) => Envelope | undefined;
  /** -1 for a record that did not come out of this list. */
  readonly indexOf: (record: Envelope) => number;
  readonly withNext: (page: PageBytes) => FoundRecords;
  readonly withPrevious: (page: PageBytes) => FoundRecords;
}

export function foundRecords(page: PageBytes): FoundRecords {
  return listOf({ pages: [page], before: 0, parsed: new Map(), places: new WeakMap() });
}

interface Parts {
  readonly pages: readonly PageBytes[];
  readonly before: number;
  /** By place: the index less the records put before, which stays the same for as long as the list grows. */
  readonly parsed: Map<number, Envelope>;
  readonly places: WeakMap<Envelope, number>;
}

function listOf(parts: Parts): FoundRecords {
  const { pages, before, parsed, places } = parts;
  const firsts: number[] = [];
  let length = 0;
  for (const page of pages) {
    firsts.push(length);
    length += page.count;
  }
  return {
    length,
    before,
    at: (index) => {
      if (index < 0 || index >= length) return undefined;
      const known = parsed.get(index - before);
      if (known !== undefined) return known;
      const page = firsts.findLastIndex((first) => first <= index);
      const record = pages[page]?.record(index - (firsts[page] ?? 0));
      if (record !== undefined) remember(parts, index - before, record);
      return record;
    },
    indexOf: (record) => {
      const place = places.get(record);
      return place === undefined ? -1 : place + before;
    },
    withNext: (page) => listOf({ ...parts, pages: [...pages, page] }),
    withPrevious: (page) => listOf({ ...parts, pages: [page, ...pages], before: before + page.count }),
  };
}

function remember({ parsed, places }: Parts, place: number, record: Envelope): void {
  parsed.set(place, record);
  places.set(record, place);
  const oldest = parsed.keys().next();
  if (parsed.size > PARSED_RECORDS_MAX && oldest.done !== true) parsed.delete(oldest.value);
}
