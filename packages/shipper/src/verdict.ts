/** What an answer of the server means for the batch. Nothing that a server says can throw here. */
import { DENIED_RETRY_MS, REASON_CHARACTERS_MAX, RETRY_AFTER_MAX_MS } from './limits.js';
import type { TransportAnswer } from './transport.js';

export interface Rejected {
  readonly seq: number;
  readonly code: string;
  readonly reason: string;
}

export type Verdict =
  /** Each sent seq up to `through` is stored, was known, or is in `rejected`. */
  | { readonly type: 'accepted'; readonly through: number; readonly rejected: readonly Rejected[] }
  | { readonly type: 'too-large' }
  /** The key, the address or the header is refused: a person has to look. */
  | { readonly type: 'denied'; readonly status: number; readonly reason: string; readonly waitMs: number }
  /** Worth trying again; `waitMs` only when the server said when. */
  | { readonly type: 'retry'; readonly reason: string; readonly waitMs: number | undefined };

export function judgeAnswer(answer: TransportAnswer, nowMs: number): Verdict {
  const { status } = answer;
  if (status >= 200 && status < 300) return judgeBody(answer.body);
  if (status === 413) return { type: 'too-large' };
  const reason = `HTTP ${status}: ${answer.body.slice(0, REASON_CHARACTERS_MAX)}`;
  const waitMs = parseRetryAfter(answer.retryAfter, nowMs);
  const isTransient = status === 408 || status === 425 || status === 429 || status >= 500 || status < 400;
  if (isTransient) return { type: 'retry', reason, waitMs };
  return { type: 'denied', status, reason, waitMs: waitMs ?? DENIED_RETRY_MS };
}

function judgeBody(body: string): Verdict {
  const parsed = parseObject(body);
  const through = parsed?.['accepted_through'];
  if (typeof through !== 'number' || !Number.isSafeInteger(through) || through < 0) {
    return {
      type: 'retry',
      reason: `not a verdict: ${body.slice(0, REASON_CHARACTERS_MAX)}`,
      waitMs: undefined,
    };
  }
  const rejected = parsed?.['rejected'];
  return { type: 'accepted', through, rejected: Array.isArray(rejected) ? rejected.flatMap(toRejected) : [] };
}

function toRejected(value: unknown): Rejected[] {
  if (!isObject(value) || typeof value['seq'] !== 'number') return [];
  const { seq, code, reason } = value;
  return [
    {
      seq,
      code: typeof code === 'string' ? code : 'unknown',
      reason: typeof reason === 'string' ? reason : '',
    },
  ];
}

function parseObject(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Seconds or an HTTP date, as milliseconds from now. */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = Number(value);
  const waitMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - nowMs;
  if (Number.isNaN(waitMs)) return undefined;
  return Math.min(Math.max(waitMs, 0), RETRY_AFTER_MAX_MS);
}
