/**
 * What a page needs to go on with the trace and the scenario of the request that rendered it: as `<meta>` elements for its
 * head, or as a `Server-Timing` header. The browser takes these ids from here because it cannot make the hashes itself.
 */
import { formatTraceparent } from '@sillok/context';
import { currentTrace } from './scope.js';

export interface BrowserHandover {
  /** `<meta name="traceparent" …><meta name="sillok" …>`, for the head of the page, before the SDK's script. */
  readonly meta: string;
  /** Value for the header `Server-Timing`. */
  readonly serverTiming: string;
}

/** Of the current request; both texts are empty outside of one. They name one person: never cache such a page for all. */
export function browserHandover(): BrowserHandover {
  const trace = currentTrace();
  if (trace === undefined) return { meta: '', serverTiming: '' };
  const { traceId, spanId, sampled, random, globalTraceId, sessionHash, userHash } = trace;
  const traceparent = formatTraceparent({ traceId, parentId: spanId, sampled, random });
  const ids = new URLSearchParams();
  if (globalTraceId !== undefined) ids.set('global_trace_id', globalTraceId);
  if (sessionHash !== undefined) ids.set('session_hash', sessionHash);
  if (userHash !== undefined) ids.set('user_hash', userHash);
  // Ids are letters, digits and "_.:-", so that nothing of them can leave an attribute or a quoted text.
  const text = ids.toString();
  const meta = `<meta name="traceparent" content="${traceparent}">`;
  const timing = `traceparent;desc="${traceparent}"`;
  if (text === '') return { meta, serverTiming: timing };
  const escaped = text.replaceAll('&', '&amp;');
  return {
    meta: `${meta}<meta name="sillok" content="${escaped}">`,
    serverTiming: `${timing}, sillok;desc="${text}"`,
  };
}
