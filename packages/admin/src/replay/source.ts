/** The audit trail as Sillok's server tells it: committed changes in their order, page by page. */
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { REPLAY_CALL_MS_MAX, REPLAY_PAGE_RECORDS } from '../limits.js';

export interface SourceOptions {
  readonly url: string;
  readonly key: string | undefined;
}

const recordShape = z.looseObject({
  time: z.string(),
  observed_time: z.string().optional(),
  producer: z.string(),
  boot: z.string(),
  seq: z.number(),
  attributes: z.looseObject({}).default({}),
});
const pageShape = z.looseObject({
  records: z.array(recordShape),
  next: z.string().nullable(),
  freshness: z.looseObject({ visible_through: z.string() }),
  gaps: z.array(z.unknown()).default([]),
});

export type SourceRecord = z.output<typeof recordShape>;

export interface Asked {
  readonly q: string;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface Answered {
  readonly records: readonly SourceRecord[];
  /** Everything that the server had received up to this moment of its own clock was searched. */
  readonly visibleThrough: string;
  /** Stretches of records that never arrived: what is not known cannot be replayed. */
  readonly gaps: number;
}

export interface Source {
  /** Oldest first. */
  pages(asked: Asked): AsyncGenerator<Answered>;
}

export function serverSource({ url, key }: SourceOptions): Source {
  const base = url.replace(/\/+$/, '');
  return {
    async *pages({ q, from, to }) {
      let cursor: string | null | undefined;
      while (cursor !== null) {
        const asked = { q, order: 'asc', limit: String(REPLAY_PAGE_RECORDS), from, to, cursor };
        const query = new URLSearchParams();
        for (const [name, value] of Object.entries(asked)) if (value !== undefined) query.set(name, value);
        const page = await ask(`${base}/api/search?${query}`, key);
        yield {
          records: page.records,
          visibleThrough: page.freshness.visible_through,
          gaps: page.gaps.length,
        };
        cursor = page.next;
      }
    },
  };
}

async function ask(address: string, key: string | undefined): Promise<z.output<typeof pageShape>> {
  let response: Response;
  try {
    response = await fetch(address, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(REPLAY_CALL_MS_MAX),
    });
  } catch (cause) {
    throw unanswered(cause instanceof Error ? cause.message : String(cause));
  }
  const text = await response.text();
  if (!response.ok) throw unanswered(`${response.status} ${text.slice(0, 300)}`);
  const parsed = pageShape.safeParse(JSON.parse(text));
  if (!parsed.success) throw unanswered('it does not answer like a Sillok server');
  return parsed.data;
}

function unanswered(reason: string): ScriptError {
  return new ScriptError(
    'source_unanswered',
    `The audit trail could not be read: ${reason}. Nothing was changed.`,
    'Name the server with SILLOK_URL and a key of the scope "read" with SILLOK_KEY.',
  );
}

/** A value of a search, whatever characters it has. */
export function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
