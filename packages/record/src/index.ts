export * from './types.js';
export * from './known.js';
export * from './limits.js';
export {
  InvariantError,
  QUARANTINE_CODES,
  RecordError,
  REJECT_CODES,
  invariant,
  type QuarantineCode,
  type Quarantined,
  type RejectCode,
} from './errors.js';
export { createClock, type Clock, type ClockOptions } from './clock.js';
export { isTime, nsToTime, parseTime, timeToNs } from './time.js';
export { newBoot, newProducer, newSpanId, newTraceId } from './ids.js';
export { emptyFlat } from './flat.js';
export { flatten, unflatten, type FlattenOptions } from './flatten.js';
export { isSameValue } from './same-value.js';
export { escapeKey, splitPath } from './path.js';
export { fromStoredText, readsAsJson, toStoredText } from './stored-text.js';
export { quote } from './quote.js';
export { jsonTextOf } from './json-text.js';
export { decodeRecord, encodeRecord, encodeText, fitsKnown } from './encode.js';
export { encodeLimited } from './encode-limited.js';
export { encodeHeader, isName, parseHeader, type ParsedHeader, type ReadHeader } from './header.js';
export { toEnvelope, type RecordContext } from './envelope.js';
export { parseRecord, type ParseOptions } from './parse.js';
export { ORIGINAL_LEVEL, type Parsed, type Rejected } from './build-record.js';
export { QUARANTINE_PREFIX, QUARANTINE_REASON_PREFIX } from './quarantine.js';
export { normaliseInput, type NormaliseOptions } from './normalise.js';
export { levelOfSeverityNumber, toLevel } from './levels.js';
export { createRedactor, REDACTED, type Redactor, type RedactorOptions } from './redact.js';
export { encodeInput, type EncodeInputOptions, type RecordHead } from './encode-input.js';
export {
  applyRules,
  CONFLICT_PREFIX,
  ORIGINAL_PREFIX,
  parseRules,
  type RuleConflict,
  type Rules,
} from './rules.js';
export {
  ACTOR_TYPES,
  AUDIT_OUTCOMES,
  AUDIT_DIFF,
  AUDIT_DOORS,
  auditAttributes,
  auditImagesOf,
  auditMessage,
  DELETE_VERBS,
  diffOf,
  DOWNLOAD_VERBS,
  isActionOf,
  READ_VERBS,
  type ActorType,
  type AuditDoor,
  type AuditEntry,
  type AuditOutcome,
  type FieldChange,
} from './audit-entry.js';
export { csvCell, csvLine } from './csv.js';
