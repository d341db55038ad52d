/**
 * Where the second database differs from what the audit trail says, entity by entity. Reads, and changes nothing.
 *
 * A range names the entities that were changed in it; their images go on to now, so that an old range never brings back an old state.
 */
import { diffOf, type FieldChange } from '@sillok/record';
import { ONLY_THERE_IDS_MAX, REPLAY_BATCH_ENTITIES } from '../limits.js';
import type { Fields, Replay, SinkWrite } from './define.js';
import { Images, type Image } from './images.js';
import { quoted, type Source } from './source.js';

export interface Scope {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** More of a search, for instance the records of a gap: `producer:a boot:b seq:[5 .. 9]`. */
  readonly q?: string | undefined;
}

export type DriftKind = 'missing' | 'stale' | 'not_deleted';

export interface Drift extends SinkWrite {
  readonly kind: DriftKind;
  /** From what is there to what is to be there. */
  readonly diff: readonly FieldChange[];
  /** The change that did not arrive, or a later one. */
  readonly time: string;
  readonly action: string;
}

export interface DriftReport {
  readonly drifts: readonly Drift[];
  /** Entities that were compared. */
  readonly compared: number;
  /** Entities whose audit records do not hold a field that is needed: left alone. */
  readonly incomplete: readonly { readonly id: string; readonly fields: readonly string[] }[];
  /** Records of the range that never arrived at the server. */
  readonly gaps: number;
  readonly visibleThrough: string;
  /** What the second database has and the audit trail has no record of; only where everything was compared. */
  readonly onlyThere?: OnlyThere;
}

export interface OnlyThere {
  readonly count: number;
  /** Some of them. */
  readonly ids: readonly string[];
}

export async function driftOf(replay: Replay, source: Source, scope: Scope): Promise<DriftReport> {
  const { images, visibleThrough, gaps } = await imagesIn(replay, source, scope);
  const drifts: Drift[] = [];
  const incomplete: { id: string; fields: readonly string[] }[] = [];
  const whole: (readonly [string, Image])[] = [];
  for (const [id, image] of images) {
    const missing = image.isDeleted
      ? []
      : replay.fields.filter((field) => !Object.hasOwn(image.fields, field));
    if (missing.length > 0) incomplete.push({ id, fields: missing });
    else whole.push([id, image]);
  }
  for (let at = 0; at < whole.length; at += REPLAY_BATCH_ENTITIES) {
    const batch = whole.slice(at, at + REPLAY_BATCH_ENTITIES);
    const stored = await replay.sink.read(batch.map(([id]) => id));
    for (const [id, image] of batch) {
      const drift = compared({ replay, id, image, stored: stored.get(id) });
      if (drift !== undefined) drifts.push(drift);
    }
  }
  const onlyThere = await onlyThereOf({ replay, source, scope, images });
  const report = { drifts, compared: whole.length, incomplete, gaps, visibleThrough };
  return onlyThere === undefined ? report : { ...report, onlyThere };
}

/** Whether somebody must look: what only the second database has counts where the trail is said to know everything. */
export function disagrees({ complete }: Replay, { drifts, onlyThere }: DriftReport): boolean {
  return drifts.length > 0 || (complete === true && (onlyThere?.count ?? 0) > 0);
}

interface Looked {
  readonly replay: Replay;
  readonly source: Source;
  readonly scope: Scope;
  readonly images: ReadonlyMap<string, Image>;
}

async function onlyThereOf({ replay, source, scope, images }: Looked): Promise<OnlyThere | undefined> {
  const isWhole = Object.values(scope).every((part) => part === undefined);
  if (!isWhole || replay.sink.ids === undefined) return undefined;
  const ids: string[] = [];
  let count = 0;
  for await (const piece of replay.sink.ids()) {
    const unknown = piece.filter((id) => !images.has(id));
    count += unknown.length;
    ids.push(...unknown.slice(0, ONLY_THERE_IDS_MAX - ids.length));
  }
  // What was made while this was read is in the trail by now.
  const known = ids.length === 0 ? images : (await byId(source, kindOf(replay), ids)).images;
  const left = ids.filter((id) => !known.has(id));
  return { count: count - (ids.length - left.length), ids: left };
}

function kindOf({ entity }: Replay): string {
  return `kind:audit audit.outcome:committed audit.entity.type:${quoted(entity)}`;
}

interface Compared {
  readonly replay: Replay;
  readonly id: string;
  readonly image: Image;
  readonly stored: Fields | undefined;
}

function compared({ replay, id, image, stored }: Compared): Drift | undefined {
  const wanted = image.isDeleted ? undefined : plain(replay.document(image.fields, id));
  const { time, action } = image;
  if (wanted === undefined) {
    if (stored === undefined) return undefined;
    return {
      id,
      document: undefined,
      kind: 'not_deleted',
      diff: diffOf(plain(stored), undefined),
      time,
      action,
    };
  }
  if (stored === undefined)
    return { id, document: wanted, kind: 'missing', diff: diffOf(undefined, wanted), time, action };
  // What the sink holds besides is its own affair.
  const own = Object.fromEntries(Object.keys(wanted).map((field) => [field, stored[field] ?? null]));
  const diff = diffOf(plain(own), withNulls(wanted));
  return diff.length === 0 ? undefined : { id, document: wanted, kind: 'stale', diff, time, action };
}

/** As JSON writes it: a date of a driver and the text of a record are the same. */
function plain(document: Fields | undefined): Fields | undefined {
  return document === undefined ? undefined : JSON.parse(JSON.stringify(document));
}

/** A field that is null and one that is not there are the same to a database with columns. */
function withNulls(document: Fields): Fields {
  return Object.fromEntries(Object.entries(document).map(([field, value]) => [field, value ?? null]));
}

interface Known {
  readonly images: ReadonlyMap<string, Image>;
  readonly visibleThrough: string;
  readonly gaps: number;
}

async function imagesIn(replay: Replay, source: Source, scope: Scope): Promise<Known> {
  const { from, to, ids, q } = scope;
  const kind = kindOf(replay);
  if (ids !== undefined) return byId(source, kind, ids);
  const all = new Images();
  const named = new Set<string>();
  const narrow = to !== undefined || q !== undefined;
  let visibleThrough = '';
  let gaps = 0;
  if (narrow) {
    const some = new Images();
    const text = q === undefined ? kind : `${kind} (${q})`;
    for await (const page of source.pages({ q: text, from, to })) {
      for (const record of page.records) some.add(record);
      gaps = Math.max(gaps, page.gaps);
      visibleThrough = page.visibleThrough;
    }
    for (const id of some.all.keys()) named.add(id);
    const known = await byId(source, kind, [...named]);
    return { images: known.images, gaps, visibleThrough: visibleThrough || known.visibleThrough };
  }
  for await (const page of source.pages({ q: kind, from })) {
    for (const record of page.records) all.add(record);
    gaps = Math.max(gaps, page.gaps);
    visibleThrough ||= page.visibleThrough;
  }
  return { images: all.all, visibleThrough, gaps };
}

/** Everything that was ever recorded of these. */
async function byId(source: Source, kind: string, ids: readonly string[]): Promise<Known> {
  const images = new Images();
  let visibleThrough = '';
  let gaps = 0;
  for (let at = 0; at < ids.length; at += REPLAY_BATCH_ENTITIES) {
    const some = ids.slice(at, at + REPLAY_BATCH_ENTITIES).map(quoted);
    for await (const page of source.pages({ q: `${kind} audit.entity.id:(${some.join(' or ')})` })) {
      for (const record of page.records) images.add(record);
      visibleThrough ||= page.visibleThrough;
      gaps = Math.max(gaps, page.gaps);
    }
  }
  return { images: images.all, visibleThrough, gaps };
}
