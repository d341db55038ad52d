/** What undoing is, in types: how an entity is put back by the project's own business code, and what a plan says. */
import type { Actor } from '@sillok/node/audit';

/** An entity as the audit trail knows it: what `before` and `after` of its changes hold. */
export type Image = Readonly<Record<string, unknown>>;

/**
 * How entities of one type are put back: through the business layer, so that its rules, events and caches hold. A way that is
 * missing makes such changes a conflict, and nothing is done to them.
 */
export interface UndoWays {
  /** The entity as it is now, with the same fields as in `before` and `after`; undefined when there is none. */
  readonly find: (id: string) => Promise<Image | undefined>;
  /** Makes an entity again that was deleted, under the same id. */
  readonly restore?: (id: string, image: Image) => Promise<unknown>;
  /** Takes an entity away that was created. */
  readonly remove?: (id: string, now: Image) => Promise<unknown>;
  /** Gives an entity the fields that it had: `image` is all of it, `paths` what differs from now. */
  readonly update?: (id: string, image: Image, paths: readonly string[]) => Promise<unknown>;
}

/** Which changes are undone: all conditions that are given. One at least. */
export interface UndoSelection {
  readonly actor?: string | undefined;
  readonly entity?: { readonly type: string; readonly id: string } | undefined;
  /** A run of a script: `name/run`, as its changes name it. */
  readonly run?: string | undefined;
  /** As the API takes times: RFC 3339 or `-2h`. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface UndoStep {
  readonly entity: { readonly type: string; readonly id: string };
  readonly way: 'restore' | 'remove' | 'update';
  /** As it is now and as it will be; undefined where there is none. */
  readonly now: Image | undefined;
  readonly target: Image | undefined;
  /** Fields that differ, of an update. */
  readonly paths: readonly string[];
  /** Ids of the changes that are undone by it. */
  readonly changes: readonly string[];
}

/**
 * Why something is left as it is. `changed_since`: by others, or past the record. `not_kept`: its image is hidden, redacted,
 * sealed or cut. `no_image`: the change was recorded without before and after. `no_way`: the project has no such callback.
 */
export type ConflictReason =
  | 'changed_since'
  | 'deleted_since'
  | 'made_again'
  | 'not_kept'
  | 'no_image'
  | 'no_way';

/** Left for a decision; nothing is done to these fields, or to this entity. */
export interface UndoConflict {
  readonly entity: { readonly type: string; readonly id: string };
  readonly reason: ConflictReason;
  /** What the undone changes left, what is there now, and what was there before them. */
  readonly fields: readonly {
    readonly path: string;
    readonly left?: unknown;
    readonly now?: unknown;
    readonly before?: unknown;
  }[];
  /** Changes of others since, as far as they are recorded. Empty: it was changed past the record. */
  readonly by: readonly {
    readonly id: string;
    readonly actor: Actor;
    readonly action: string;
    readonly time: string;
  }[];
}

export interface UndoPlan {
  /** Changes that are to be undone, and the entities that they touched. */
  readonly changes: number;
  readonly entities: number;
  /** In the order in which they are done: the latest change first. */
  readonly steps: readonly UndoStep[];
  readonly conflicts: readonly UndoConflict[];
  /** Entities that are as they were before already. */
  readonly unchanged: number;
  /** Everything that the server took up to this time was looked at. */
  readonly visible_through: string;
  /** Sequence numbers in the range that the server never received: their changes are not undone. */
  readonly missing: number;
}

export interface UndoOptions {
  /** Whether a conflict is undone all the same. Asked for `changed_since`, `deleted_since` and `made_again` only. */
  readonly decide?: ((conflict: UndoConflict) => 'keep' | 'undo') | undefined;
}
