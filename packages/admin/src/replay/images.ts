/**
 * How each entity is by now, folded from its audit records in their order. Pure.
 *
 * An after-image may hold some fields only (a script that says what it changed): later fields win, earlier ones stay. A change with a
 * before and without an after is a deletion. What was hidden or sealed before it was written is not known here.
 */
import { isSealed } from '@sillok/record/personal';
import { ScriptError } from '../errors.js';
import { REPLAY_ENTITIES_MAX } from '../limits.js';
import type { Fields } from './define.js';
import type { SourceRecord } from './source.js';

export interface Image {
  readonly fields: Fields;
  readonly isDeleted: boolean;
  /** Of the last change. */
  readonly time: string;
  readonly action: string;
}

export class Images {
  readonly #byId = new Map<string, Image>();

  get all(): ReadonlyMap<string, Image> {
    return this.#byId;
  }

  /** Oldest first. Records of other outcomes than `committed` say nothing of how it is. */
  add(record: SourceRecord): void {
    const audit = objectOf(record.attributes['audit']);
    const id = objectOf(audit['entity'])['id'];
    const { before, after, outcome, action } = audit;
    if (outcome !== 'committed' || (typeof id !== 'string' && typeof id !== 'number')) return;
    const isDeleted = (after === undefined || after === null) && before !== undefined && before !== null;
    if (!isDeleted && (typeof after !== 'object' || after === null)) return;
    const name = String(id);
    const known = this.#byId.get(name);
    const earlier = known === undefined || known.isDeleted ? {} : known.fields;
    this.#byId.set(name, {
      fields: isDeleted ? {} : withoutUnknown({ ...earlier, ...objectOf(after) }),
      isDeleted,
      time: record.time,
      action: typeof action === 'string' ? action : '',
    });
    if (this.#byId.size > REPLAY_ENTITIES_MAX) {
      throw new ScriptError(
        'too_many_entities',
        `More than ${REPLAY_ENTITIES_MAX} entities were changed in this range. Nothing was changed.`,
        'Take shorter ranges with --from and --to, one after the other.',
      );
    }
  }
}

/** Hidden by `hide`, redacted, or sealed with a person's key: what it was stands nowhere here. */
const UNKNOWN = /^\[hidden [\w-]+\]$|\(redacted(:\w+)?\)/;

function withoutUnknown(fields: Fields): Fields {
  const known = Object.entries(fields).filter(([, value]) => !hasUnknown(value));
  return Object.fromEntries(known);
}

/** Values of audit records are JSON, and not deep: flattening has a limit. */
function hasUnknown(value: unknown): boolean {
  const waiting: unknown[] = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next === 'string' && (UNKNOWN.test(next) || isSealed(next))) return true;
    if (typeof next === 'object' && next !== null) waiting.push(...Object.values(next));
  }
  return false;
}

function objectOf(value: unknown): { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
