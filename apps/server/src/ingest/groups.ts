/**
 * Records of one request, gathered by the resource they came from, and handed to admission.
 *
 * A foreign batch has one resource, a request may have many. All batches of a request go to the queue at once, so
 * that they share its fsync. Each carries the hash of the request and the number of its resource: a client that
 * retries after a lost answer, or after a failure in the middle, adds only what is missing. Requests whose records
 * carry no time of their own are not treated so, because two equal ones may both be meant.
 */
import type { Resource } from '@sillok/record';
import { ServerError } from '../errors.js';
import type { Admission, ForeignRecord } from '../seams.js';
import { REQUEST_RECORDS_MAX, RESOURCES_MAX } from './limits.js';

export interface IndexedRejection {
  /** Counts from 0 over the whole request. */
  readonly index: number;
  readonly code: string;
  readonly reason: string;
}

interface Group {
  readonly resource: Resource;
  readonly records: ForeignRecord[];
  /** Place in the request of each record. */
  readonly indexes: number[];
}

export interface RequestRecords {
  /** Adds the next record of the request. */
  add(resource: Resource, record: ForeignRecord): void;
  /** Counts the next record of the request as not taken. */
  reject(code: string, reason: string): void;
  /** Records added and rejected so far. */
  readonly count: number;
  readonly groups: readonly Group[];
  readonly rejected: readonly IndexedRejection[];
}

export function createRequestRecords(): RequestRecords {
  const groups = new Map<string, Group>();
  const rejected: IndexedRejection[] = [];
  let count = 0;
  let lastResource: Resource | undefined;
  let lastGroup: Group | undefined;

  function groupOf(resource: Resource): Group | undefined {
    // Records mostly come resource by resource, with the same object.
    if (resource === lastResource && lastGroup) return lastGroup;
    const key = JSON.stringify(Object.entries(resource).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = groups.get(key);
    if (!known && groups.size >= RESOURCES_MAX) return undefined;
    const group = known ?? { resource, records: [], indexes: [] };
    groups.set(key, group);
    lastResource = resource;
    lastGroup = group;
    return group;
  }

  return {
    add(resource, record) {
      if (count >= REQUEST_RECORDS_MAX) throw tooManyRecords();
      const group = groupOf(resource);
      if (!group)
        return this.reject('too_many_resources', `more than ${RESOURCES_MAX} resources in one request`);
      group.records.push(record);
      group.indexes.push(count);
      count += 1;
    },
    reject(code, reason) {
      if (count >= REQUEST_RECORDS_MAX) throw tooManyRecords();
      rejected.push({ index: count, code, reason });
      count += 1;
    },
    get count() {
      return count;
    },
    get groups() {
      return [...groups.values()];
    },
    rejected,
  };
}

export interface AdmitOptions {
  readonly project: string;
  readonly protocol: string;
  /** Hash of what makes the request the same one; absent: a repeat is news. */
  readonly content: string | undefined;
}

export interface RequestVerdict {
  readonly accepted: number;
  /** In the order of the request. */
  readonly rejected: readonly IndexedRejection[];
  /** Nothing was added, because all of it was there already. */
  readonly repeated: boolean;
}

export async function admitRequest(
  admission: Admission,
  records: RequestRecords,
  options: AdmitOptions,
): Promise<RequestVerdict> {
  const groups = records.groups;
  const settled = await Promise.allSettled(
    groups.map((group, number) =>
      admission.admitForeign({
        project: options.project,
        protocol: options.protocol,
        resource: group.resource,
        records: group.records,
        ...(options.content === undefined ? {} : { content: `${options.content}/${number}` }),
      }),
    ),
  );
  const rejected = [...records.rejected];
  let repeated = groups.length > 0;
  for (const [number, result] of settled.entries()) {
    // Batches that went well stay; the retry of the request meets their hash.
    if (result.status === 'rejected') throw result.reason;
    const indexes = groups[number]?.indexes ?? [];
    for (const { index, code, reason } of result.value.rejected) {
      rejected.push({ index: indexes[index] ?? index, code, reason });
    }
    repeated &&= result.value.repeated;
  }
  rejected.sort((a, b) => a.index - b.index);
  return { accepted: records.count - rejected.length, rejected, repeated };
}

/** `3 of 10 …: 2: too_deep (…)`, bounded, for protocols whose answer has one string. */
export function describeRejections(verdict: RequestVerdict, namedMax: number): string {
  const total = verdict.accepted + verdict.rejected.length;
  const named = verdict.rejected.slice(0, namedMax).map((one) => `#${one.index} ${one.code}: ${one.reason}`);
  const more = verdict.rejected.length - named.length;
  const list = more > 0 ? `${named.join('; ')}; and ${more} more` : named.join('; ');
  return `${verdict.rejected.length} of ${total} records were not taken, all others are stored. ${list}`;
}

function tooManyRecords(): ServerError {
  return new ServerError({
    status: 413,
    code: 'too_many_records',
    message: `The request holds more than ${REQUEST_RECORDS_MAX} records. Nothing of it was stored.`,
    help: 'Send smaller batches.',
  });
}
