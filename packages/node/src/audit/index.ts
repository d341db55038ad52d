/** `@sillok/node/audit` */
export {
  Audit,
  type AuditOptions,
  type EntryInBatch,
  type EntryInWork,
  type SettledIntent,
} from './audit.js';
export {
  drizzleTransactions,
  knexTransactions,
  kyselyTransactions,
  mysqlTransactions,
  pgTransactions,
  prismaTransactions,
  typeormTransactions,
} from './adapters.js';
export { audited, methodsWithoutRule, type AuditedObject, type RuleReport } from './audited.js';
export type { BatchEnd, BatchRule, ById, Rule, Rules } from './rule.js';
export { Audited, type AuditedDecorator, type AuditedOptions } from './decorator.js';
export type { Actor, Change, Entity, HiddenPaths } from './change.js';
export { AuditDenied } from './errors.js';
export { createOutcomes, outcomeOf, type Execute, type Settled, type Transactions } from './outcomes.js';
