/** `@sillok/node/sql`: statements as client spans, and the place in the trace as a comment in them. */
export { instrumentMysql2, type MysqlModule } from './mysql2.js';
export { instrumentPg, type PgModule } from './pg.js';
export { instrumentPrisma } from './prisma.js';
export type { SqlOptions } from './settings.js';
