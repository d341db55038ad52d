export * from './baggage.js';
export * from './dialects.js';
export * from './limits.js';
export * from './propagate.js';
export * from './traceparent.js';
export * from './tracestate.js';
