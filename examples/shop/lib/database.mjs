// The shop's database, as each service opens it. Statements are recorded as spans, with their text and without their values, and carry
// their place in the trace, so that PostgreSQL's own log leads back to the request.
import pg from 'pg';
import { instrumentPg } from '@sillok/node/sql';

instrumentPg(pg, { comments: true });

export const db = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3 });

// A database that goes away is an error of the next query, not of the process.
db.on('error', () => undefined);
