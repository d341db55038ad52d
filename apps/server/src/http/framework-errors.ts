/** Whatever was thrown while a request was handled, as an error that a client may see. */
import { ServerError } from '../errors.js';

/** Errors of fastify itself carry a status; anything else is a bug, and its message stays in the log. */
export function toServerError(thrown: unknown): ServerError {
  if (thrown instanceof ServerError) return thrown;
  const { status, code, message } = detailsOf(thrown);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new ServerError({
      status,
      code: 'content_type_refused',
      message: 'The Content-Type of this request is not one. Nothing of it was stored.',
      help: 'Send a media type such as application/json, or leave the header out where none is needed.',
    });
  }
  if (status >= 400 && status < 500) {
    const name = code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? 'body_too_large' : 'bad_request';
    return new ServerError({
      status,
      code: name,
      message,
      help: 'See docs/reference/http.md for the calls.',
    });
  }
  return new ServerError({
    status: 500,
    code: 'internal',
    message: 'The server failed. This request was not acknowledged.',
    help: 'The log of the server says more. Send it again.',
    cause: thrown,
  });
}

function detailsOf(thrown: unknown): { status: number; code: string; message: string } {
  if (!(thrown instanceof Error)) return { status: 500, code: '', message: '' };
  const status = 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : 500;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return { status, code, message: thrown.message };
}
