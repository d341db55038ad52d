/**
 * What our SDKs do before a record is written, done by the server for records that no SDK has touched: the team's rule file,
 * and redaction of secrets and personal numbers. So nothing of it reaches the disk, whichever way it came.
 */
import { readFileSync } from 'node:fs';

import { applyRules, createRedactor, parseRules, type FlatRecord } from '@sillok/record';

import type { Config } from '../config.js';
import { ConfigError } from '../errors.js';

/** Undefined when there is nothing to do. Throws `ConfigError` when the rule file cannot be used. */
export function createFirstTouch({
  rulesFile,
  redact,
}: Pick<Config, 'rulesFile' | 'redact'>): ((record: FlatRecord) => FlatRecord) | undefined {
  const rules = rulesFile === '' ? undefined : readRules(rulesFile);
  const redactor = redact === 'on' ? createRedactor() : undefined;
  if (rules === undefined && redactor === undefined) return undefined;
  return (record) => {
    if (rules !== undefined) applyRules(rules, record);
    return redactor === undefined ? record : redactor.redact(record);
  };
}

function readRules(path: string): ReturnType<typeof parseRules> {
  try {
    return parseRules(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `The rule file ${path} cannot be used: ${error instanceof Error ? error.message : error}`,
    );
  }
}
