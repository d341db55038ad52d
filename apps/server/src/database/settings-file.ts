/**
 * The databases that people may look into, from the file that SILLOK_DATABASES names. An address holds a password, so it may
 * stand in the environment (`"url": "$SHOP_REPLICA_URL"`); it is never shown, logged or put into a record.
 */
import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { ConfigError } from '../errors.js';
import { DATABASES_MAX, STATEMENT_TIME_MS, STATEMENT_TIME_MS_MAX } from './limits.js';
import { inputWords } from '../read/wrong-input.js';

const databaseShape = z.strictObject({
  /** `postgres://…` or `mysql://…` (MariaDB too), or `$NAME` of an environment variable that holds it. */
  url: z.string().min(1).max(2_000),
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)
    .default('default'),
  /** Who may ask: what is in a business database is more than what is in the record. */
  role: z.enum(['viewer', 'member', 'admin']).default('member'),
  timeout_s: z
    .number()
    .positive()
    .max(STATEMENT_TIME_MS_MAX / 1000)
    .default(STATEMENT_TIME_MS / 1000),
  /** The word that lets a role in which could write. It still gets read-only transactions only. */
  accept_writable_role: z.literal('I know that this role can write').optional(),
  /** Column → entity type: a value in such a column leads to the history of that entity. */
  entities: z.record(z.string().max(200), z.string().max(200)).default({}),
});

export type Dialect = 'postgresql' | 'mysql';

export interface DatabaseSettings extends Omit<z.output<typeof databaseShape>, 'url'> {
  readonly name: string;
  readonly dialect: Dialect;
  readonly url: string;
}

const fileShape = z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/), databaseShape);

export interface DatabaseSource {
  readonly path: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** By name. Throws `ConfigError`: a server that starts has read its file. */
export function readDatabases({ path, env }: DatabaseSource): ReadonlyMap<string, DatabaseSettings> {
  if (path === '') return new Map();
  const parsed = fileShape.safeParse(readJson(path), { error: inputWords });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`SILLOK_DATABASES=${path}: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const entries = Object.entries(parsed.data);
  if (entries.length > DATABASES_MAX)
    throw new ConfigError(
      `SILLOK_DATABASES=${path} names ${entries.length} databases; ${DATABASES_MAX} fit.`,
    );
  return new Map(
    entries.map(([name, { url: given, ...rest }]) => {
      const url = given.startsWith('$') ? (env[given.slice(1)] ?? '') : given;
      return [name, { ...rest, name, url, dialect: dialectOf({ path, name, given, url }) }];
    }),
  );
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    // The message of JSON.parse quotes what it read, which may be a password.
    const reason = cause instanceof SyntaxError ? 'it is not JSON' : String(cause);
    throw new ConfigError(`SILLOK_DATABASES=${path} cannot be read: ${reason}.`);
  }
}

/** Says what is wrong with an address without repeating it. */
function dialectOf(place: { path: string; name: string; given: string; url: string }): Dialect {
  const { path, name, given, url } = place;
  const where = `SILLOK_DATABASES=${path}: ${name}`;
  if (url === '') throw new ConfigError(`${where}: the environment variable ${given.slice(1)} is not set.`);
  if (!URL.canParse(url)) throw new ConfigError(`${where}: its url is no URL. It is not repeated here.`);
  const { protocol } = new URL(url);
  if (protocol === 'postgres:' || protocol === 'postgresql:') return 'postgresql';
  if (protocol === 'mysql:' || protocol === 'mariadb:') return 'mysql';
  throw new ConfigError(`${where}: its url begins with ${protocol}//, not with postgres:// or mysql://.`);
}
