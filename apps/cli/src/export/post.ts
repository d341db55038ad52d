/** One POST to somebody else's store: credentials out of the URL, and answers that say "later" tried again. */
import type { Envelope } from '@sillok/record';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { pause } from '../files/send.js';
import { SEND_ATTEMPTS_MAX, SEND_RETRY_MS_MAX, SEND_RETRY_MS_MIN } from '../limits.js';

export interface ExportAnswer {
  readonly taken: number;
  readonly known: number;
  /** A reason each. */
  readonly refused: readonly string[];
}

export interface ExportTarget {
  readonly name: string;
  send(records: readonly Envelope[]): Promise<ExportAnswer>;
}

export interface Posting {
  readonly url: URL;
  readonly type: string;
  readonly body: string;
}

/** Statuses below 500 but 429 are the caller's to judge. */
export async function post(posting: Posting): Promise<{ status: number; text: string }> {
  const { url, headers } = withoutCredentials(posting);
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(url, { method: 'POST', headers, body: posting.body }).catch(
      (error: unknown) => error,
    );
    const isAnswer = answer instanceof Response;
    if (isAnswer && answer.status < 500 && answer.status !== 429) {
      return { status: answer.status, text: await answer.text() };
    }
    if (attempt >= SEND_ATTEMPTS_MAX)
      throw unreachable(url, isAnswer ? `HTTP ${answer.status}` : reasonOf(answer));
    await pause(Math.min(SEND_RETRY_MS_MAX, SEND_RETRY_MS_MIN * 2 ** (attempt - 1)));
  }
}

function withoutCredentials({ url, type }: Posting): { url: URL; headers: { [name: string]: string } } {
  const bare = new URL(url);
  const { username, password } = bare;
  bare.username = '';
  bare.password = '';
  const basic = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
    'base64',
  );
  const headers = {
    'content-type': type,
    ...(username + password === '' ? {} : { authorization: `Basic ${basic}` }),
  };
  return { url: bare, headers };
}

/** `fetch` hides why in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message;
}

function unreachable(url: URL, reason: string): CliError {
  return new CliError({
    code: 'target_unreachable',
    message: `${url.origin} does not take the records: ${reason}`,
    help: 'What was sent before is there; run the same export again, it adds only the rest.',
    exitCode: EXIT.unreachable,
  });
}
