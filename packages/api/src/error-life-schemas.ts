/** The life of an error group: open, resolved, ignored; who looks after it; and its pages in other systems. */
import { z } from 'zod';
import { ERROR_IGNORE_MORE_MAX, ERROR_IGNORE_SECONDS_MAX, ERROR_TITLE_CHARS_MAX } from './limits.analysis.js';

/** Of the service, and as people saw it: for the audit record and for lists that show no records. */
const named = {
  service: z.string().max(256).default(''),
  title: z.string().max(ERROR_TITLE_CHARS_MAX).default(''),
};

export const errorLifeBody = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('resolve'),
    /** `recurs`: its next record opens it again. `next_release`: only one of a release that is not known by now. */
    until: z.enum(['recurs', 'next_release']).default('recurs'),
    ...named,
  }),
  z.strictObject({
    action: z.literal('ignore'),
    /** Neither of them: until somebody opens it. */
    seconds: z.number().int().min(60).max(ERROR_IGNORE_SECONDS_MAX).optional(),
    more: z.number().int().min(1).max(ERROR_IGNORE_MORE_MAX).optional(),
    ...named,
  }),
  z.strictObject({ action: z.literal('open'), ...named }),
  z.strictObject({
    action: z.literal('assign'),
    /** Id of a member of the project; null: nobody. */
    assignee: z.string().max(100).nullable(),
    ...named,
  }),
]);

export type ErrorLifeBody = z.input<typeof errorLifeBody>;

export const ERROR_STATES = ['open', 'resolved', 'ignored'] as const;
export type ErrorState = (typeof ERROR_STATES)[number];

export interface ErrorLife {
  readonly state: ErrorState;
  /** Since when, and by whom; null when nobody has touched it. */
  readonly since: string | null;
  readonly by: string | null;
  readonly assignee: { readonly id: string; readonly name: string } | null;
  /** It was resolved, and here it is again. */
  readonly came_back: { readonly at: string; readonly release: string } | null;
  /** Of a resolved one: what opens it again. */
  readonly until: 'recurs' | 'next_release' | null;
  /** Of an ignored one: what ends it; both null when nothing does. */
  readonly ignored_until: string | null;
  readonly ignored_more: number | null;
}

export const LINKED_SYSTEMS = ['sentry', 'datadog', 'pinpoint'] as const;
export type LinkedSystem = (typeof LINKED_SYSTEMS)[number];

/** An address with the place of the id that the other system knows, or of the trace id. */
const linkTemplate = z
  .string()
  .trim()
  .max(500)
  .regex(
    /^(?:|https?:\/\/[^\s<>"'`\\]*\{(?:id|trace_id)\}[^\s<>"'`\\]*)$/,
    'it begins with https:// and has {id} or {trace_id} in it',
  )
  .default('');

export const errorLinksBody = z.strictObject({
  sentry: linkTemplate,
  datadog: linkTemplate,
  pinpoint: linkTemplate,
});
export type ErrorLinks = z.output<typeof errorLinksBody>;

export interface ErrorLink {
  readonly system: LinkedSystem;
  readonly url: string;
}
