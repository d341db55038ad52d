/** Changes as the server tells them: `GET /api/audit` and its export. Only what undoing needs of them. */
import type { Actor } from '@sillok/node/audit';
import { z } from 'zod';
import { UndoError } from '../errors.js';
import { UNDO_ANSWER_WAIT_MS, UNDO_CHANGES_MAX } from '../limits.js';
import type { UndoSelection } from './define.js';

const ACTOR_TYPES = ['user', 'admin', 'system', 'script'] as const;

const changeShape = z.object({
  id: z.string(),
  outcome: z.string(),
  time: z.string(),
  action: z.string(),
  entity: z.object({ type: z.string(), id: z.string() }),
  actor: z.object({ type: z.enum(ACTOR_TYPES), id: z.string() }),
  is_read: z.boolean(),
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  incomplete: z.boolean().optional(),
});

/** Steps at the admin API, of scripts and of undo itself: they changed no entity, so there is nothing to put back. */
const CHANGES_NOTHING = /^undo\.run$|^script\.(plan|apply|resume|retry)$|\.(requested|rejected)$/;

export interface RecordedChange {
  readonly id: string;
  readonly time: string;
  readonly action: string;
  readonly entity: { readonly type: string; readonly id: string };
  readonly actor: Actor;
  /** Undefined: there was none before, or there is none after. */
  readonly before: unknown;
  readonly after: unknown;
  /** Something of it was too much for a record and is not there. */
  readonly incomplete: boolean;
}

const pageShape = z.object({
  freshness: z.object({ visible_through: z.string() }),
  gaps: z.array(z.object({ from: z.number(), to: z.number() })),
});

export interface SillokServer {
  readonly url: string;
  /** With the scope `read`. */
  readonly key: string;
}

export interface Looked {
  readonly visible_through: string;
  readonly missing: number;
}

/** How far the server can see, and what is missing in the range. */
export async function lookAt(server: SillokServer, selection: UndoSelection): Promise<Looked> {
  const response = await ask(server, '/api/audit', { ...filtersOf(selection), limit: '1' });
  const { freshness, gaps } = pageShape.parse(await response.json());
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  return { visible_through: freshness.visible_through, missing };
}

/** Everything that was committed, oldest first. Looks and what was refused changed nothing. */
export async function readChanges(server: SillokServer, selection: UndoSelection): Promise<RecordedChange[]> {
  const query = { ...filtersOf(selection), format: 'ndjson', reads: 'without' };
  const response = await ask(server, '/api/audit/export', query);
  const changes: RecordedChange[] = [];
  for await (const line of linesOf(response)) {
    const {
      outcome,
      is_read,
      before,
      after,
      incomplete = false,
      ...change
    } = changeShape.parse(JSON.parse(line));
    if (outcome !== 'committed' || is_read) continue;
    const hasImage = (before ?? after ?? undefined) !== undefined;
    if (!hasImage && CHANGES_NOTHING.test(change.action)) continue;
    changes.push({ ...change, before: before ?? undefined, after: after ?? undefined, incomplete });
    if (changes.length > UNDO_CHANGES_MAX) {
      throw new UndoError(
        'too_many_changes',
        `More than ${UNDO_CHANGES_MAX} changes are selected.`,
        'Undo them in parts: narrow from and to.',
      );
    }
  }
  return changes.reverse();
}

function filtersOf({ actor, entity, run, from, to }: UndoSelection): Record<string, string> {
  const values = {
    actor: run ?? actor,
    ...(run === undefined ? {} : { actor_type: 'script' }),
    entity: entity === undefined ? undefined : `${entity.type}/${entity.id}`,
    from,
    to,
  };
  return Object.fromEntries(
    Object.entries(values).filter((each): each is [string, string] => each[1] !== undefined),
  );
}

async function ask(server: SillokServer, path: string, query: Record<string, string>): Promise<Response> {
  const url = new URL(path, server.url);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${server.key}` },
    redirect: 'error',
    signal: AbortSignal.timeout(UNDO_ANSWER_WAIT_MS),
  }).catch((cause: unknown) => {
    throw away(server.url, cause instanceof Error ? cause.message : String(cause));
  });
  if (response.ok) return response;
  throw away(server.url, `${response.status} ${(await response.text()).slice(0, 300)}`);
}

function away(url: string, reason: string): UndoError {
  return new UndoError(
    'server_away',
    `The audit trail at ${url} cannot be read: ${reason}`,
    'Nothing was changed. Check the address and the key (scope "read"), and try again.',
  );
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  // The DOM types of fetch do not say that a body is async iterable; in Node it is.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
