/**
 * Replay: a second database (a search index, a reporting copy) is compared with what the audit trail says, and mended from it.
 *
 * The after-images of the audit records are the truth. Folded in their order they say how each entity is by now, or that it was
 * deleted; a sink says what the second database holds of it. What differs is the drift.
 */
export type Fields = { readonly [field: string]: unknown };

export interface SinkWrite {
  readonly id: string;
  /** What is to be there; undefined: nothing. Writing the same again changes nothing. */
  readonly document: Fields | undefined;
}

/** One document that the sink does not take as it is: it is named, and does not hold up the others. */
export interface SinkRefusal {
  readonly id: string;
  readonly reason: string;
}

export interface Sink {
  readonly name: string;
  /** What is there now, by id; what is not there is not in the answer. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Fields>>;
  /** Answers what it refused, if anything. Rejects when it is away: then all of it is written again. */
  write(writes: readonly SinkWrite[]): Promise<readonly SinkRefusal[] | void>;
  /** All that is there, in pieces, for rows that only the second database has. Without it they are not looked for. */
  ids?(): AsyncIterable<readonly string[]>;
}

export interface Replay {
  /** `kebab-case`; how it is started. */
  readonly name: string;
  /** What the second database is for, for a colleague. */
  readonly description: string;
  /** Who is told when it disagrees. */
  readonly owner?: string;
  /** Type of the entity in audit records. */
  readonly entity: string;
  /** Fields of the after-images that `document` needs. An entity of which one is not known is listed and left alone. */
  readonly fields: readonly string[];
  /** From the entity to what the sink holds of it; undefined when the sink must not have it. */
  readonly document: (image: Fields, id: string) => Fields | undefined;
  readonly sink: Sink;
  /**
   * The audit trail knows every entity: it began before the first one, and keeps them all. Then a row that only the second database has
   * is a disagreement; otherwise it is listed and no more. It is never removed by a replay.
   */
  readonly complete?: boolean;
}

export function defineReplay(replay: Replay): Replay {
  if (!/^[a-z][a-z0-9-]*$/.test(replay.name))
    throw new TypeError(`"${replay.name}" is no name: a-z, 0-9 and -.`);
  return replay;
}
