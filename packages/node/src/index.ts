export { createLogger, getLogger, sillok } from './sillok.js';
export { Logger, type ChildOptions, type LogInput } from './logger.js';
export type { SillokOptions } from './options.js';
export type { ContextOptions } from './propagation.js';
export type { RedactOptions } from './redaction.js';
export type { Serializer, Serializers } from './serializers.js';
export type { LevelOrSilent } from './levels.js';
export type { FrozenFields } from './frozen.js';
export {
  bindContext,
  bindEmitter,
  currentTrace,
  getContext,
  outgoingHeaders,
  setContext,
  withContext,
  withTrace,
  type OutgoingOptions,
} from './scope.js';
export { span, startSpan } from './critical-section.js';
export type { Span, SpanKind } from './span.js';
export { identify } from './identity/identify.js';
export type { Identification, Identified, IdentityOptions, IdSource } from './identity/options.js';
export { carry, environmentHeaders, environmentOf, startScenario, supportCode } from './identity/scenario.js';
export { browserHandover, type BrowserHandover } from './handover.js';
export { scriptRecord, type ScriptRecord } from './script-record.js';
export { captureConsole, type ConsoleOptions } from './console.js';
export { SdkError, type SdkErrorCode } from './errors.js';
export { TOKEN_HEADER } from './token.js';
