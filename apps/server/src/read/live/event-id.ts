/**
 * The id of a live event: the place of its batch in the queue and its index within the batch. After a reconnect the
 * browser sends it as `Last-Event-ID`, and the stream goes on with the record behind it.
 */
import type { QueuePosition } from '../../seams.js';

export interface EventId {
  readonly position: QueuePosition;
  /** Index of the record within its batch. */
  readonly index: number;
}

export function formatEventId({ position, index }: EventId): string {
  return `${position.class}.${position.segment}.${position.offset}.${index}`;
}

/** Undefined for a text that is not an id of ours: the stream then begins now. */
export function parseEventId(text: string): EventId | undefined {
  const match = /^([a-z]{1,32})\.(\d{1,15})\.(\d{1,15})\.(\d{1,9})$/.exec(text);
  if (!match) return undefined;
  const position = { class: match[1] ?? '', segment: Number(match[2]), offset: Number(match[3]) };
  return { position, index: Number(match[4]) };
}

/** Whether `left` stands behind `right` in the queue of their class. */
export function isBehind(left: QueuePosition, right: QueuePosition): boolean {
  return left.segment > right.segment || (left.segment === right.segment && left.offset > right.offset);
}
