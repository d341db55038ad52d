/** What a dry run found: the changes of each item, and one hash over all of them that an apply must meet again. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { diffOf, type FieldChange } from '@sillok/record';
import type { Change } from '@sillok/node/audit';
import { planFile } from '../filenames.js';

export interface PlannedChange {
  readonly key: string;
  readonly action: string;
  readonly entity: string;
  readonly diff: readonly FieldChange[];
}

/** Of a dry run, as it stands in its folder; a torn last line is none. */
export function plannedChanges(directory: string): PlannedChange[] {
  const path = planFile(directory);
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  // Written by `Plan`.
  return lines.map((line) => JSON.parse(line) as PlannedChange);
}

/** Items end in any order where several are worked on at once: the hash does not depend on it. */
export class Plan {
  readonly #changes: PlannedChange[] = [];
  readonly #failed: string[] = [];
  readonly #directory: string | undefined;

  /** Without a folder the changes are only counted and hashed. */
  constructor(directory?: string) {
    this.#directory = directory;
  }

  get changes(): readonly PlannedChange[] {
    return this.#changes;
  }

  add(key: string, change: Change): void {
    const { action, entity, before, after } = change;
    const planned = { key, action, entity: `${entity.type}/${entity.id}`, diff: diffOf(before, after) };
    this.#changes.push(planned);
    if (this.#directory !== undefined)
      appendFileSync(planFile(this.#directory), `${JSON.stringify(planned)}\n`);
  }

  /** An item that failed is part of what was seen. */
  fail(key: string): void {
    this.#failed.push(key);
  }

  hash(): string {
    const failed = this.#failed.map((key) => JSON.stringify({ failed: key }));
    const lines = [...this.#changes.map((change) => JSON.stringify(change)), ...failed].sort();
    return createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, HASH_LENGTH);
  }
}

const HASH_LENGTH = 16;
