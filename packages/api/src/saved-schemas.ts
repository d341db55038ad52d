/** Saved searches, question cards and stars. */
import { z } from 'zod';
import { QUERY_CHARS_MAX } from './limits.js';

export const cardParam = z.strictObject({
  /** Stands as `{name}` in the search. */
  name: z.string().regex(/^[a-z][a-z0-9_]{0,31}$/),
  label: z.string().trim().max(100).default(''),
  preset: z.string().max(500).default(''),
});

export const savedBody = z.strictObject({
  name: z.string().trim().min(1).max(120),
  description: z.string().trim().max(500).default(''),
  q: z.string().max(QUERY_CHARS_MAX),
  /** `-24h`, or two absolute times. */
  range: z.string().max(32).default(''),
  from: z.string().max(64).default(''),
  to: z.string().max(64).default(''),
  /** Columns of the list, in their order. */
  columns: z.array(z.string().max(200)).max(50).default([]),
  params: z.array(cardParam).max(10).default([]),
  /** `sql`: the text is a statement of the workbench. */
  language: z.enum(['search', 'sql']).default('search'),
  /** Of a statement: the database that it is for; empty for the record. */
  database: z.string().max(64).default(''),
  shared: z.boolean().default(false),
});

export type SavedBody = z.input<typeof savedBody>;
export type CardParam = z.output<typeof cardParam>;

export interface SavedShape extends z.output<typeof savedBody> {
  readonly id: string;
  readonly starred: boolean;
  readonly mine: boolean;
  readonly created_by: string;
  readonly updated_at: string;
}

/** A question that everybody asks, ready-made, in both languages. */
export interface QuestionCard {
  readonly id: string;
  readonly title: Readonly<Record<'en' | 'ko', string>>;
  readonly q: string;
  readonly range: string;
  readonly params: readonly (Omit<CardParam, 'label'> & {
    readonly label: Readonly<Record<'en' | 'ko', string>>;
  })[];
}

/** Letters, digits and what ids are made of: it means the same with and without quotes. */
const PLAIN_VALUE = /^[\p{L}\p{N}_][\p{L}\p{N}_.@-]*$/u;
const OPERATORS: ReadonlySet<string> = new Set(['AND', 'OR', 'NOT']);

/** The search of a card with its blanks filled in. What is filled in is one value, whatever it contains. */
export function fillCard(q: string, values: Readonly<Record<string, string>>): string {
  return q.replace(/\{([a-z][a-z0-9_]{0,31})\}/g, (blank, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return blank;
    const isPlain = PLAIN_VALUE.test(value) && !OPERATORS.has(value.toUpperCase());
    return isPlain ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
  });
}
