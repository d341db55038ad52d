/**
 * The table of the admin API in the service's own database: what was asked for by which call, written by the same transaction as
 * the change, so that a call that is sent again does nothing again; and requests that wait for a second person.
 */
import { createHash } from 'node:crypto';
import type { Execute, Transactions } from '@sillok/node/audit';
import { z } from 'zod';
import { ADMIN_HASH_LENGTH, ADMIN_REQUESTS_MAX } from '../limits.js';

type Dialect = Transactions<unknown>['dialect'];

const TABLE = 'sillok_admin';

const CREATE: Readonly<Record<Dialect, string>> = {
  postgres: `CREATE TABLE IF NOT EXISTS ${TABLE} (
  id text PRIMARY KEY, kind text NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT now())`,
  mysql: `CREATE TABLE IF NOT EXISTS ${TABLE} (
  id varchar(64) PRIMARY KEY, kind varchar(16) NOT NULL, body mediumtext NOT NULL,
  at timestamp NOT NULL DEFAULT current_timestamp)`,
};
const INSERT: Readonly<Record<Dialect, string>> = {
  postgres: `INSERT INTO ${TABLE} (id, kind, body) VALUES ($1, $2, $3)`,
  mysql: `INSERT INTO ${TABLE} (id, kind, body) VALUES (?, ?, ?)`,
};
const READ: Readonly<Record<Dialect, string>> = {
  postgres: `SELECT body FROM ${TABLE} WHERE id = $1 AND kind = $2`,
  mysql: `SELECT body FROM ${TABLE} WHERE id = ? AND kind = ?`,
};
const LIST: Readonly<Record<Dialect, string>> = {
  postgres: `SELECT body FROM ${TABLE} WHERE kind = $1 ORDER BY at DESC LIMIT ${ADMIN_REQUESTS_MAX}`,
  mysql: `SELECT body FROM ${TABLE} WHERE kind = ? ORDER BY at DESC LIMIT ${ADMIN_REQUESTS_MAX}`,
};

/** What was done by a call. */
const claimShape = z.object({ audit_id: z.string(), id: z.string(), diff: z.array(z.unknown()) });
export type Claim = z.output<typeof claimShape>;

const requestShape = z.object({
  id: z.string(),
  type: z.string(),
  action: z.string(),
  entity: z.string(),
  input: z.unknown(),
  reason: z.string().nullable(),
  version: z.string().optional(),
  by: z.object({ id: z.string(), name: z.string(), role: z.enum(['viewer', 'member', 'admin', 'owner']) }),
  at: z.string(),
});
export type KeptRequest = z.output<typeof requestShape>;

const decisionShape = z.object({ state: z.enum(['approved', 'rejected']) });
export type Decision = z.output<typeof decisionShape>;

type Database = Pick<Transactions<never>, 'dialect' | 'execute'>;

/** For a migration, or at the start of the service. May be repeated. */
export async function createAdminTable({ dialect, execute }: Database): Promise<void> {
  await execute(CREATE[dialect], []);
}

/** The same call of the same person has the same claim; another person with the same key has another. */
export function claimId(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, ADMIN_HASH_LENGTH);
}

/** Inside of a transaction. Fails when the claim exists: the database lets one of two calls through. */
export async function writeClaim(
  { dialect, execute }: { readonly dialect: Dialect; readonly execute: Execute },
  id: string,
  claim: Claim,
): Promise<void> {
  await execute(INSERT[dialect], [id, 'run', JSON.stringify(claim)]);
}

export async function readClaim(database: Database, id: string): Promise<Claim | undefined> {
  return readOne(database, { id, kind: 'run' }, claimShape);
}

export async function writeRequest({ dialect, execute }: Database, request: KeptRequest): Promise<void> {
  await execute(INSERT[dialect], [request.id, 'request', JSON.stringify(request)]);
}

export function readRequest(database: Database, id: string): Promise<KeptRequest | undefined> {
  return readOne(database, { id, kind: 'request' }, requestShape);
}

export async function listRequests({ dialect, execute }: Database): Promise<KeptRequest[]> {
  const rows = await execute(LIST[dialect], ['request']);
  return rows.flatMap((row) => {
    const parsed = requestShape.safeParse(tryJson(row['body']));
    return parsed.success ? [parsed.data] : [];
  });
}

/** Once per request: fails when somebody has decided before. */
export async function writeDecision(
  { dialect, execute }: { readonly dialect: Dialect; readonly execute: Execute },
  request: string,
  decision: Decision,
): Promise<void> {
  await execute(INSERT[dialect], [decisionId(request), 'decision', JSON.stringify(decision)]);
}

export function readDecision(database: Database, request: string): Promise<Decision | undefined> {
  return readOne(database, { id: decisionId(request), kind: 'decision' }, decisionShape);
}

function decisionId(request: string): string {
  return claimId(['decision', request]);
}

async function readOne<T>(
  { dialect, execute }: Database,
  name: { readonly id: string; readonly kind: string },
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  const [row] = await execute(READ[dialect], [name.id, name.kind]);
  const parsed = shape.safeParse(tryJson(row?.['body']));
  return parsed.success ? parsed.data : undefined;
}

function tryJson(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
