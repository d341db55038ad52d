/** The rules of a project: those built in, with what was changed of them, and those that people made. */
import { alertRuleBody, builtInRuleBody, type AlertRule, type Severity } from '@sillok/api';
import { z } from 'zod';

import { messageWords, type BuiltInKind, type Language } from './words.js';
import { createShelf, type Shelf, type Shelved } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';

export interface BuiltInRule {
  readonly id: string;
  readonly kind: BuiltInKind;
  readonly name: string;
  readonly severity: Severity;
}

export const BUILT_IN_RULES: readonly BuiltInRule[] = (
  [
    ['new_error', 'warning'],
    ['dependency', 'critical'],
    ['silent', 'warning'],
    ['lag', 'warning'],
    ['gaps', 'warning'],
    ['bulk_deletion', 'critical'],
    ['replay', 'warning'],
    ['approval', 'warning'],
    ['script_still', 'warning'],
  ] as const
).map(([kind, severity]) => ({
  id: `builtin.${kind}`,
  kind,
  name: messageWords('en').rule[kind],
  severity,
}));

/** Raised by the server itself; told like the others, changed by nobody. */
const OWN_KINDS: Readonly<Record<string, 'flood' | 'cannot_evaluate'>> = {
  'builtin.flood': 'flood',
  'builtin.cannot_evaluate': 'cannot_evaluate',
};

const builtInShape = z.object({ built_in: builtInRuleBody, muted_until: z.string().optional() });
const ruleShape = z.object({ rule: alertRuleBody, muted_until: z.string().optional() });
const storedShape = z.union([ruleShape, builtInShape]);
type StoredRule = z.output<typeof storedShape>;

export interface RuleBook {
  readonly shelf: Shelf<StoredRule>;
  isOn(project: string, builtInId: string): boolean;
  severityOf(project: string, builtInId: string): Severity;
  nameOf(project: string, id: string, language?: Language): string;
  /** Ids of targets; empty for all. */
  targetsOf(project: string, id: string): readonly string[];
  isMuted(project: string, id: string, nowMs: number): boolean;
  /** Made by people, of every project, switched on. */
  made(): readonly MadeRule[];
}

export interface MadeRule {
  readonly project: string;
  readonly id: string;
  readonly rule: AlertRule;
}

/** `isResting` says of a project that nobody works in it any more: its rules are kept, and say nothing. */
export function createRules(settings: Settings, isResting: (project: string) => boolean): RuleBook {
  const shelf = createShelf<StoredRule>(settings, 'alert_rule', storedShape);
  const builtIn = (project: string, id: string) => {
    const value = shelf.get(project, id)?.value;
    return value !== undefined && 'built_in' in value ? value.built_in : undefined;
  };
  return {
    shelf,
    isOn: (project, id) => !isResting(project) && (builtIn(project, id)?.enabled ?? true),
    severityOf(project, id) {
      const preset = BUILT_IN_RULES.find((rule) => rule.id === id)?.severity;
      return builtIn(project, id)?.severity ?? preset ?? 'warning';
    },
    nameOf(project, id, language = 'en') {
      const value = shelf.get(project, id)?.value;
      if (value !== undefined && 'rule' in value) return value.rule.name;
      const words = messageWords(language);
      const known = BUILT_IN_RULES.find((rule) => rule.id === id)?.kind ?? OWN_KINDS[id];
      return known === undefined ? words.removedRule : words.rule[known];
    },
    targetsOf(project, id) {
      const value = shelf.get(project, id)?.value;
      if (value === undefined) return [];
      return 'rule' in value ? value.rule.targets : value.built_in.targets;
    },
    isMuted(project, id, nowMs) {
      const until = shelf.get(project, id)?.value.muted_until;
      return until !== undefined && Date.parse(until) > nowMs;
    },
    made: () =>
      shelf
        .all()
        .filter(({ project }) => !isResting(project))
        .flatMap(madeRule),
  };
}

function madeRule({ project, id, value }: Shelved<StoredRule>): MadeRule[] {
  return 'rule' in value && value.rule.enabled ? [{ project, id, rule: value.rule }] : [];
}
