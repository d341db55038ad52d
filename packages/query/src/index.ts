export * from './index-expressions.js';
