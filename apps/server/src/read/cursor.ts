/**
 * Cursors: where a page begins, as a text that callers cannot read anything into and cannot change.
 *
 * A cursor carries the key of a record, the direction, and what was fixed when the first page was asked for: the
 * bounds of time (`-1h` must mean the same on page 9) and how many records `| limit` has left. It is signed, and bound
 * to project, search, order and range: with another one it is refused rather than answered wrongly.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isTime } from '@sillok/record';
import type { Order, RecordKey } from '@sillok/query';
import { z } from 'zod';
import { ReadError } from './errors.js';
import { CURSOR_BINDING_BYTES, CURSOR_SIGNATURE_BYTES } from './limits.js';
import type { Range } from './reading.js';

/** What the caller must repeat for a cursor to fit. */
export interface CursorBinding {
  readonly project: string;
  readonly q: string;
  readonly order: Order;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Cursor {
  readonly key: RecordKey;
  /** Towards what stands before the key, in the order of the search. */
  readonly isBack: boolean;
  readonly range: Range;
  /** The moment that relative times in the search count from. */
  readonly nowMs: number;
  /** Records that `| limit` still allows. */
  readonly left?: number;
}

export interface CursorCodec {
  encode(cursor: Cursor, binding: CursorBinding): string;
  /** Throws a `ReadError` for a text that is not a cursor of ours, or belongs to another search. */
  decode(text: string, binding: CursorBinding): Cursor;
}

const time = z.string().refine(isTime);
const payload = z.tuple([
  z.string(),
  z.tuple([time, z.string(), z.string(), z.int().nonnegative()]),
  z.boolean(),
  z.tuple([time.nullable(), time.nullable()]),
  z.number(),
  z.int().nullable(),
]);

export function createCursorCodec(secret: Uint8Array): CursorCodec {
  const sign = (text: string): Buffer =>
    createHmac('sha256', secret).update(text).digest().subarray(0, CURSOR_SIGNATURE_BYTES);

  return {
    encode({ key, isBack, range, nowMs, left }, binding) {
      const place: z.infer<typeof payload>[1] = [key.time, key.producer, key.boot, key.seq];
      const bounds: z.infer<typeof payload>[3] = [range.from ?? null, range.to ?? null];
      const body = Buffer.from(JSON.stringify([digest(binding), place, isBack, bounds, nowMs, left ?? null]));
      const text = body.toString('base64url');
      return `${text}.${sign(text).toString('base64url')}`;
    },
    decode(text, binding) {
      const [body = '', signature = ''] = text.split('.', 2);
      const given = Buffer.from(signature, 'base64url');
      const isOurs = given.length === CURSOR_SIGNATURE_BYTES && timingSafeEqual(given, sign(body));
      const parsed = isOurs
        ? payload.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()))
        : undefined;
      if (!parsed?.success)
        throw new ReadError('cursor_invalid', 'The cursor is not one of this server, or was changed.');
      const [bound, [keyTime, producer, boot, seq], isBack, [from, to], nowMs, left] = parsed.data;
      if (bound !== digest(binding)) {
        throw new ReadError(
          'cursor_mismatch',
          'The cursor belongs to another search, order, range or project.',
        );
      }
      return {
        key: { time: keyTime, producer, boot, seq },
        isBack,
        range: { ...(from === null ? {} : { from }), ...(to === null ? {} : { to }) },
        nowMs,
        ...(left === null ? {} : { left }),
      };
    },
  };
}

function digest({ project, q, order, from, to }: CursorBinding): string {
  const text = JSON.stringify([project, q, order, from ?? null, to ?? null]);
  return createHash('sha256').update(text).digest().subarray(0, CURSOR_BINDING_BYTES).toString('base64url');
}
