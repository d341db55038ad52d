/** The calls about what people decide about errors. */
import type { ErrorLife, ErrorLifeBody, ErrorLinks } from '@sillok/api';
import { ask, send } from './http.js';

export const decideError = (fingerprint: string, body: ErrorLifeBody): Promise<ErrorLife> =>
  send('PUT', `/api/errors/${encodeURIComponent(fingerprint)}/life`, body);

export const errorLinks = (signal: AbortSignal): Promise<ErrorLinks> => ask('/api/error-links', { signal });

export const saveErrorLinks = (links: ErrorLinks): Promise<ErrorLinks> =>
  send('PUT', '/api/error-links', links);
