/**
 * Inserts, and the rows that come in their bodies.
 *
 * A trap: chdb accepts `INSERT … SELECT … FROM input('…') FORMAT X` with rows in the body and silently stores nothing.
 * Such a body is therefore written to a file of our own, and `input(` is replaced by `file(`. Bodies for a plain
 * `INSERT … FORMAT X` go straight to the engine.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refusal } from '../errors.js';
import type { Handle, Native, NativeInsertResult } from './native.js';
import { quote } from './quote.js';
import type { Statement } from './statement.js';

export interface BodyFiles {
  insert(native: Native, connection: Handle, statement: Statement): Promise<NativeInsertResult>;
}

const INPUT = /\bFROM\s+input\s*\(\s*('(?:[^'\\]|\\.|'')*')\s*\)/i;
const FORMAT = /\bFORMAT\s+([A-Za-z0-9]+)\s*$/i;
/** What the engine is given as body when there is none: it only needs a buffer. */
const NOTHING = Buffer.from('\n');

export function createBodyFiles(directory: string): BodyFiles {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return {
    async insert(native, connection, { sql, body }) {
      const input = INPUT.exec(sql);
      if (input === null) {
        return native.InsertRawAsyncConnection(connection, sql, body.length === 0 ? NOTHING : body, false);
      }
      const path = join(directory, randomUUID());
      try {
        await writeFile(path, body, { mode: 0o600 });
        const fromFile = replaceInput(sql, path);
        return await native.InsertRawAsyncConnection(connection, fromFile, NOTHING, false);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

/** The statement with its rows read from `path`. */
export function replaceInput(sql: string, path: string): string {
  const text = sql.trimEnd();
  const format = FORMAT.exec(text);
  if (format?.[1] === undefined) throw refusal('badArguments', 'An INSERT from input() must end with FORMAT');
  return text
    .slice(0, format.index)
    .replace(INPUT, (_whole, structure: string) => `FROM file(${quote(path)}, ${format[1]}, ${structure})`);
}
