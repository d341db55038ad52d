export type { Chunk, ChunkHeader, InsertOutcome } from './chunk.js';
export type { Endpoint, PoolName } from './client.js';
export type { BrokenPart, DiskUsage, Partition } from './disk.js';
export { StoreError, type StoreErrorCode } from './errors.js';
export type { Poison } from './poison.js';
export type { Rebuild } from './rebuild.js';
export type { ResultColumn, SelectLimits, SelectQuery, SelectResult } from './select.js';
export { createStore, type Store, type StoreOptions } from './store.js';
