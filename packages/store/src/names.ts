/** Names of our things in ClickHouse. Nothing else in this package spells them. */

export const DEFAULT_DATABASE = 'sillok';

/** What everyone reads from and the writer inserts into: the table itself, or the Distributed one of a cluster. */
export const RECORDS = 'records';
/** The shard's own table of a cluster. */
export const RECORDS_LOCAL = 'records_local';
/** A rebuild fills this and exchanges it with the table. */
export const RECORDS_FRESH = 'records_fresh';
/** The same over all shards of a cluster: what a rebuild inserts into there. */
export const RECORDS_FRESH_ALL = 'records_fresh_all';
/** Hours of endpoints, kept beyond the records. */
export const ENDPOINT_HOURS = 'endpoint_hours';

/** Prefix of the statement id of an insert; the rest is the batch. The same batch can so never run twice at once. */
export const INSERT_ID_PREFIX = 'sillok-insert-';

/** `` `service.name` `` */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** A string literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
