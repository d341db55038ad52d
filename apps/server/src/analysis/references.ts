/** A record's name as statements answer it: a tuple of producer, boot, seq and time. */
import type { RecordRef } from '@sillok/api';
import { recordTime } from '@sillok/query';

export function referenceOf(tuple: unknown): RecordRef {
  const parts: unknown[] = typeof tuple === 'object' && tuple !== null ? Object.values(tuple) : [];
  const [producer, boot, seq, time] = parts;
  return {
    producer: String(producer ?? ''),
    boot: String(boot ?? ''),
    seq: Number(seq ?? 0),
    time: recordTime(String(time ?? '')),
  };
}
