/** Calls about who changed what. */
import type {
  AuditAnswer,
  AuditGroupsAnswer,
  AuditGroupsParams,
  AuditPage,
  AuditParams,
  ReviewAnswer,
  ReviewSignOffAnswer,
  ReviewSignOffBody,
} from '@sillok/api';
import { ask, send, withQuery } from './http.js';

type Loose<T> = { readonly [K in keyof T]?: T[K] | undefined };

export const changes = (values: Loose<AuditParams>, signal?: AbortSignal): Promise<AuditPage> =>
  ask(withQuery('/api/audit', values), signal === undefined ? {} : { signal });

export const groups = (values: Loose<AuditGroupsParams>, signal: AbortSignal): Promise<AuditGroupsAnswer> =>
  ask(withQuery('/api/audit/groups', values), { signal });

/** A link: the browser downloads it with the session's cookie. */
export const exportLink = (values: object): string => withQuery('/api/audit/export', values);

export const review = (month: string, zone: string, signal: AbortSignal): Promise<ReviewAnswer> =>
  ask(withQuery('/api/audit/review', { month, zone }), { signal });

export const signOff = (body: ReviewSignOffBody): Promise<ReviewSignOffAnswer> =>
  send('POST', '/api/audit/review', body);

/** A link, too: the file is checked by `sillok audit check-receipt`. */
export const receiptLink = (id: string, outcome: string): string =>
  withQuery('/api/audit/receipt', { id, outcome });

export const fetchReceipt = (id: string, outcome: string): Promise<AuditAnswer> =>
  ask(receiptLink(id, outcome));
