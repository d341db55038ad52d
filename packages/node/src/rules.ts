/**
 * The team's rule file, applied in the service: the record that is written has the team's names already, for whoever reads the
 * spool with grep, and for a server that has no rules. The same code as the server's; applied twice, rules change nothing.
 *
 * Rules never bring to light what is not to be written: one that would copy a secret or a personal field to another name
 * is left out, and that is said.
 */
import { readFileSync } from 'node:fs';
import { applyRules, fitsKnown, KNOWN_ATTRIBUTES, parseRules } from '@sillok/record';
import type { FlatAttributes, FlatRecord, Kind, Level, Rules } from '@sillok/record';
import { errorMessage, isError } from './serializers.js';

export interface RuleGuard {
  readonly isSensitive: (path: string) => boolean;
  readonly isPersonal: (path: string) => boolean;
  readonly notice: (text: string) => void;
}

export interface RuledRecord {
  readonly kind: Kind;
  readonly level: Level;
  readonly message: string;
  /** All fields, ids and known ones included; changed in place. */
  readonly attributes: FlatAttributes;
}

/** Undefined without a file, and where it cannot be used: a service does not stop for it. */
export function loadRules(path: string | undefined, guard: RuleGuard): Rules | undefined {
  if (path === undefined) return undefined;
  try {
    return withoutRevealing(parseRules(readFileSync(path, 'utf8')), guard);
  } catch (error) {
    const reason = isError(error) ? errorMessage(error) : String(error);
    guard.notice(`the rule file ${path} cannot be used: ${reason}. Records are written without it`);
    return undefined;
  }
}

/** Returns the level. Conflicts of types stand in the record, as `sillok.conflict.…`. */
export function applyTo(rules: Rules, { kind, level, message, attributes }: RuledRecord): Level {
  const record: FlatRecord = { seq: 0, time: '', kind, level, message, attributes };
  // Rules read and write what has a place of its own there; here everything is still together.
  for (const { name, type } of KNOWN_ATTRIBUTES) {
    const value = attributes[name];
    if (value !== undefined && fitsKnown(value, type)) record[name] = value;
  }
  applyRules(rules, record);
  for (const { name } of KNOWN_ATTRIBUTES) {
    const value = record[name];
    if (typeof value === 'string' || typeof value === 'number') attributes[name] = value;
  }
  return record.level;
}

function withoutRevealing(rules: Rules, { isSensitive, isPersonal, notice }: RuleGuard): Rules {
  const mayCopy = ({ from, to }: { readonly from: string; readonly to: string }): boolean => {
    const isSafe = !isSensitive(from) && (!isPersonal(from) || isPersonal(to));
    if (!isSafe) notice(`the rule for ${from} is left out: ${to} would show what is not to be written`);
    return isSafe;
  };
  const mayConvert = ({ field }: { readonly field: string }): boolean => {
    // The original would stay beside it in plain.
    if (isPersonal(field)) notice(`the type of ${field} is left as it is: the field is personal`);
    return !isPersonal(field);
  };
  return {
    ...rules,
    aliases: rules.aliases.filter(mayCopy),
    units: rules.units.filter(mayCopy),
    types: rules.types.filter(mayConvert),
  };
}
