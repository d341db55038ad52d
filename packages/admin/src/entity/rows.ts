/** A row of the business as the admin API sees it: checked, with its version; and what is hidden of it from whom. */
import { createHash } from 'node:crypto';
import { AdminError } from '../errors.js';
import { ADMIN_HASH_LENGTH } from '../limits.js';
import type { AnyEntity } from './define.js';
import { mayAct, type AdminActor } from './signature.js';

export interface Row {
  readonly id: string;
  readonly fields: unknown;
  readonly version: string;
  readonly subject: string | undefined;
}

export function rowOf(entity: AnyEntity, found: unknown): Row {
  const parsed = entity.fields.safeParse(found);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.map(String).join('.');
    throw new AdminError({
      status: 500,
      code: 'row_invalid',
      message: `A ${entity.type} does not have the fields that were declared: ${place}: ${issue?.message}.`,
      help: 'Mend the fields of defineEntity, or the row. Nothing was changed.',
    });
  }
  // Parsed by the entity's own schema; its functions take exactly that.
  const fields = parsed.data as never;
  const version = entity.version?.(fields) ?? hashOf(fields);
  return { id: entity.id(fields), fields, version: String(version), subject: entity.subject?.(fields) };
}

export async function mustFind(
  entity: AnyEntity,
  id: string,
  { db, lock }: { readonly db: unknown; readonly lock: boolean },
): Promise<Row> {
  const found = await tryFind(entity, id, { db, lock });
  if (found !== undefined) return found;
  throw new AdminError({
    status: 404,
    code: 'not_found',
    message: `There is no ${entity.type} "${id}".`,
    help: 'It may have been deleted: look at its history.',
  });
}

export async function tryFind(
  entity: AnyEntity,
  id: string,
  { db, lock }: { readonly db: unknown; readonly lock: boolean },
): Promise<Row | undefined> {
  // The transaction came from the entity's own database.
  const found = await entity.find(db as never, id, { lock });
  return found === undefined || found === null ? undefined : rowOf(entity, found);
}

/** Paths that this person does not see in one entity. */
export function hiddenFrom(entity: AnyEntity, { role }: AdminActor): readonly string[] {
  const { fields = [], role: least = 'admin' } = entity.personal ?? {};
  return mayAct(role, least) ? [] : fields;
}

function hashOf(fields: unknown): string {
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, ADMIN_HASH_LENGTH);
}
