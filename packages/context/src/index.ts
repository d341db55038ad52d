export * from './baggage.js';
export type { DialectName } from './dialects.js';
export type { HeaderReader, Headers } from './headers.js';
export * from './limits.js';
export * from './own-baggage.js';
export * from './propagate.js';
export * from './traceparent.js';
export * from './tracestate.js';
export { isWrittenDialect, WRITTEN_DIALECTS, type WrittenDialect } from './write-dialects.js';
