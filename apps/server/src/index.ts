export * from './seams.js';
export { readConfig, presetConfig, allSettings, type Config, type ConfigSource } from './config.js';
export { ConfigError, ServerError } from './errors.js';
export { hasAuditLog, keyChangesIn, readHeld, verifyAuditLog, type AuditVerdict } from './audit/verify.js';
export { type AuditFinding } from './audit/locate.js';
export { startServer, type RunningServer } from './main.js';
export { serve } from './serve.js';
