export * from './types.js';
export * from './known.js';
