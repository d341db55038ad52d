/**
 * Errors in ClickHouse's own words, so that its clients understand them: status, headers, and the frame that carries
 * an exception which comes after the answer has begun.
 */
import { ClickHouseException } from '../errors.js';
import { ERROR_BYTES_MAX } from '../limits.js';

const CODE = /Code:\s*(\d+)/;
const NAME = /\(([A-Z][A-Z0-9_]{2,})\)\s*$/;

export function toClickHouseException(error: unknown): ClickHouseException {
  if (error instanceof ClickHouseException) return error;
  const text = error instanceof Error ? error.message : String(error);
  const code = Number(CODE.exec(text)?.[1] ?? 1002);
  const name = NAME.exec(text.trimEnd())?.[1] ?? 'UNKNOWN_EXCEPTION';
  const message = text
    .replace(/^Code:\s*\d+\.\s*DB::Exception:\s*/, '')
    .replace(NAME, '')
    .trim();
  return new ClickHouseException(code, name, message.slice(0, ERROR_BYTES_MAX));
}

/** ClickHouse's own choice of status for the codes that clients look at. */
export function httpStatus(code: number): number {
  if (code === 516 || code === 194) return 401;
  if (code === 60 || code === 81 || code === 46 || code === 47) return 404;
  if (code === 497 || code === 164) return 403;
  if (code === 62 || code === 36 || code === 27 || code === 6 || code === 115 || code === 456) return 400;
  if (code === 202) return 503;
  return 500;
}

/** The frame of ClickHouse 25.11 and later: the client knows the tag from a header and finds the length at the end. */
export function exceptionFrame(error: ClickHouseException, tag: string): Buffer {
  const message = Buffer.from(`${error.message}\n`, 'utf8');
  return Buffer.concat([
    Buffer.from(`\r\n__exception__\r\n${tag}\r\n`),
    message,
    Buffer.from(`${message.length} ${tag}\r\n__exception__\r\n`),
  ]);
}
