/**
 * Jobs that were enqueued and never consumed: a message that was sent, by the span of its sender, and that no consumer's span names. They
 * are often why a second database disagrees.
 */
import { JOB_MINUTES_DEFAULT } from '../limits.js';
import type { Source, SourceRecord } from './source.js';

export interface LostJob {
  readonly id: string;
  readonly destination: string;
  readonly time: string;
  readonly service: string;
  readonly trace_id: string | null;
}

export interface JobsAsked {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Younger ones may be consumed any moment. */
  readonly olderThanMinutes?: number | undefined;
  readonly nowMs?: number | undefined;
}

export async function lostJobs(source: Source, asked: JobsAsked): Promise<readonly LostJob[]> {
  const { from = '-1d', to, olderThanMinutes = JOB_MINUTES_DEFAULT, nowMs = Date.now() } = asked;
  const until = new Date(nowMs - olderThanMinutes * 60_000).toISOString();
  const sent = new Map<string, LostJob>();
  const spans = 'kind:span messaging.operation.type';
  for await (const { records } of source.pages({ q: `${spans}:send`, from, to })) {
    for (const record of records) {
      const job = jobOf(record);
      if (job !== undefined && record.time < until) sent.set(keyOf(job), job);
    }
  }
  // A consumer may come long after the range.
  for await (const { records } of source.pages({ q: `${spans}:process`, from })) {
    for (const record of records) {
      const job = jobOf(record);
      if (job !== undefined) sent.delete(keyOf(job));
    }
  }
  return [...sent.values()];
}

function keyOf({ destination, id }: LostJob): string {
  return `${destination}\n${id}`;
}

function jobOf(record: SourceRecord): LostJob | undefined {
  const { message, destination } = Object(record.attributes['messaging']);
  const id: unknown = Object(message)['id'];
  if (typeof id !== 'string') return undefined;
  const name: unknown = Object(destination)['name'];
  const service: unknown = Object(record['resource'])['service.name'];
  const trace: unknown = record['trace_id'];
  return {
    id,
    destination: typeof name === 'string' ? name : '',
    time: record.time,
    service: typeof service === 'string' ? service : record.producer,
    trace_id: typeof trace === 'string' ? trace : null,
  };
}
