/** Looking into business databases: what may be asked, and what is answered. */
import { z } from 'zod';
import { SQL_CHARS_MAX } from './limits.js';
import type { Column } from './schemas.js';

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()]);

export const databaseQueryBody = z.strictObject({
  query: z.string().min(1).max(SQL_CHARS_MAX),
  /** Values of `{name}` and `{name:type}`. */
  params: z.record(z.string().regex(/^[A-Za-z_]\w{0,63}$/), scalar).default({}),
  query_id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  /** Why it is asked: stands in the audit trail. */
  reason: z.string().trim().max(500).optional(),
});

export type DatabaseQueryBody = z.input<typeof databaseQueryBody>;

export interface DatabaseShape {
  readonly name: string;
  readonly dialect: 'postgresql' | 'mysql';
  /** Whether the asker may run statements in it. */
  readonly allowed: boolean;
  readonly timeout_s: number;
}

export interface DatabaseCheckShape {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
}

/** What was proven when the connection was made. */
export interface DatabaseProofShape {
  readonly version: string;
  readonly user: string;
  readonly is_replica: boolean;
  readonly lag_ms: number | null;
  readonly checks: readonly DatabaseCheckShape[];
}

/** Where values of a column lead. */
export type DatabaseLink =
  | { readonly column: number; readonly kind: 'trace' | 'scenario' }
  | { readonly column: number; readonly kind: 'entity'; readonly type: string };

export interface DatabaseWarningShape {
  readonly code: 'holds_vacuum' | 'accepted_writable_role';
  readonly message: string;
}

export interface DatabaseAnswer {
  readonly database: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly unknown[])[];
  readonly truncated: boolean;
  readonly query_id: string;
  /** Of the entry in the audit trail. */
  readonly audit_id: string;
  readonly links: readonly DatabaseLink[];
  readonly warnings: readonly DatabaseWarningShape[];
  /** Freshness of what was read: how far the replica was behind. */
  readonly proof: DatabaseProofShape;
  readonly cost: { readonly elapsed_ms: number };
}

export interface DatabaseTableShape {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Column[];
}

export interface DatabaseRunningShape {
  readonly query_id: string;
  readonly who: string;
  readonly elapsed_ms: number;
  readonly warnings: readonly DatabaseWarningShape[];
}

/** `ended` is what the database's own list of connections said afterwards. */
export interface DatabaseCancelShape {
  readonly query_id: string;
  readonly ended: boolean;
  readonly how: 'cancelled' | 'terminated' | 'gone';
}

/** What a table lacks to tell later who changed what and when. */
export interface TableLackShape {
  readonly table: string;
  readonly lacks: readonly ('created' | 'updated' | 'version')[];
}

/** One form of a statement that somebody wrote by hand again and again. */
export interface RepeatedUpdateShape {
  readonly statement: string;
  readonly times: number;
  readonly users: readonly string[];
  readonly last_at: string;
}

export interface DatabaseAdviceShape {
  readonly database: string;
  readonly tables: number;
  readonly lacking: readonly TableLackShape[];
  /** From PostgreSQL's log, where it is followed. */
  readonly repeated_updates: readonly RepeatedUpdateShape[];
}
