/** The databases of a server, and one statement in one of them: who may, the audit trail, the run, the links. */
import { randomUUID } from 'node:crypto';

import type { DatabaseAnswer, DatabaseLink } from '@sillok/api';
import { sqlWithoutLiterals } from '@sillok/context';

import { mayDo } from '../auth.js';
import { notAllowed } from '../people/errors.js';
import { audit } from '../identity/trail.js';
import type { Log } from '../log.js';
import type { Admission, Principal, Scope } from '../seams.js';
import type { DatabaseColumn } from './connection.js';
import { databaseUnknown, statementRefused } from './errors.js';
import { Statements, type Ran } from './run-statement.js';
import type { DatabaseSettings } from './settings-file.js';
import { bindStatement, type Asked } from './statement.js';

export interface DatabaseRoom {
  readonly statements: Statements;
  /** Of the asker's project. */
  list(project: string): readonly DatabaseSettings[];
  mayAsk(principal: Principal, database: DatabaseSettings): boolean;
  /** Throws when it is of another project, is not there, or is not for this asker. */
  mustFind(principal: Principal, name: string): DatabaseSettings;
  ask(principal: Principal, name: string, asked: Asking): Promise<DatabaseAnswer>;
}

export interface Asking extends Asked {
  readonly query_id?: string | undefined;
  readonly reason?: string | undefined;
  readonly rows?: number;
  /** Ends the statement when the asker goes away. */
  readonly signal?: AbortSignal;
}

export interface RoomOptions {
  readonly databases: ReadonlyMap<string, DatabaseSettings>;
  readonly admission: Admission;
  readonly log: Log;
  readonly nameOf: (actor: string) => string;
}

const SCOPES: Readonly<Record<DatabaseSettings['role'], Scope>> = {
  viewer: 'read',
  member: 'write',
  admin: 'admin',
};

export function openDatabases(options: RoomOptions): DatabaseRoom {
  const { databases, log } = options;
  const statements = new Statements(log);
  const mayAsk = (principal: Principal, { role }: DatabaseSettings): boolean =>
    mayDo(principal, SCOPES[role]);

  function mustFind(principal: Principal, name: string): DatabaseSettings {
    const database = databases.get(name);
    // One answer for one that is not there and for one of another project.
    if (database === undefined || database.project !== principal.project) throw databaseUnknown(name);
    if (!mayAsk(principal, database))
      throw notAllowed(`The database "${name}" is for the role ${database.role} and above.`);
    return database;
  }

  return {
    statements,
    list: (project) => [...databases.values()].filter((each) => each.project === project),
    mayAsk,
    mustFind,
    async ask(principal, name, asked) {
      const database = mustFind(principal, name);
      return askIn({ ...options, statements }, { principal, database, asked });
    },
  };
}

interface Question {
  readonly principal: Principal;
  readonly database: DatabaseSettings;
  readonly asked: Asking;
}

/** Its intent is in the audit trail before it runs, without the values that stand in it. */
async function askIn(
  room: RoomOptions & { statements: Statements },
  question: Question,
): Promise<DatabaseAnswer> {
  const { admission, statements, nameOf } = room;
  const { principal, database, asked } = question;
  const { name, dialect } = database;
  const act = {
    action: 'database.query',
    entity: { type: 'database', id: name },
    reason: asked.reason,
    arguments: {
      query: sqlWithoutLiterals(asked.query, { mysql: dialect === 'mysql' }),
      params: Object.keys(asked.params).join(', '),
    },
  } as const;
  const binding = bindStatement(dialect, asked);
  if (!binding.ok) {
    await audit(admission, principal, { ...act, outcome: 'denied' });
    throw statementRefused(binding.reason);
  }
  const queryId = asked.query_id ?? randomUUID();
  if (statements.isTaken(queryId)) throw statementRefused(`a statement with the id "${queryId}" is running`);
  const id = await audit(admission, principal, { ...act, outcome: 'intent' });
  const stop = (): void => {
    const running = statements.find(database.project, queryId);
    if (running !== undefined) void statements.cancel(database, running).catch(() => undefined);
  };
  asked.signal?.addEventListener('abort', stop);
  try {
    const { bound } = binding;
    const who = nameOf(principal.keyId);
    const rows = asked.rows === undefined ? {} : { rows: asked.rows };
    const ran = await statements.run({ database, bound, queryId, who, ...rows });
    const result = { rows: ran.rows.length, elapsed_ms: ran.elapsed_ms };
    await audit(admission, principal, { ...act, id, outcome: 'committed', result });
    return answerOf(ran, { database, queryId, auditId: id });
  } catch (error) {
    const result = { error: error instanceof Error ? error.name : 'error' };
    await audit(admission, principal, { ...act, id, outcome: 'failed', result });
    throw error;
  } finally {
    asked.signal?.removeEventListener('abort', stop);
  }
}

interface Answering {
  readonly database: DatabaseSettings;
  readonly queryId: string;
  readonly auditId: string;
}

function answerOf(ran: Ran, { database, queryId, auditId }: Answering): DatabaseAnswer {
  const { columns, rows, truncated, warnings, proof, elapsed_ms } = ran;
  return {
    database: database.name,
    columns,
    rows,
    truncated,
    query_id: queryId,
    audit_id: auditId,
    links: columns.flatMap((column, index) => linkOf(database, column, index)),
    warnings,
    proof,
    cost: { elapsed_ms },
  };
}

function linkOf({ entities }: DatabaseSettings, { name }: DatabaseColumn, column: number): DatabaseLink[] {
  if (name === 'trace_id') return [{ column, kind: 'trace' }];
  if (name === 'global_trace_id') return [{ column, kind: 'scenario' }];
  const type = Object.hasOwn(entities, name) ? entities[name] : undefined;
  return type === undefined ? [] : [{ column, kind: 'entity', type }];
}
