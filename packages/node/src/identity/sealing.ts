/**
 * Personal fields: declared by path, encrypted with the key of the person before the first byte is written.
 *
 * The person is the one whom an audit record is about, else the record's `user_hash`, else its `session_hash`. A value that belongs to nobody known, or for which there
 * are no keys, is not written in plain: what stands in its place says why.
 */
import type { FlatAttributes, FlatValue, Json } from '@sillok/record';
import type { PersonalBox } from '@sillok/record/personal';

export const NOT_KEPT_NOBODY = '(personal: not kept, no session and no user is known)';
export const NOT_KEPT_NO_KEYS = '(personal: not kept, there are no identity keys)';
export const NOT_KEPT_FAILED = '(personal: not kept, it could not be sealed)';

/** In the place of a value in an audit record's difference: it stands sealed in `before` and `after`. */
export const SEALED_IN_IMAGES = '(personal: sealed in before and after)';

/** A path that is declared personal is so in what an audit record says of an entity, too. */
const AUDIT_IMAGE = /^audit\.(?:before|after|arguments|result)\./;

export interface PersonalFields {
  readonly covers: (path: string) => boolean;
  /** Takes the personal values out of a record's fields, sealed. */
  readonly takeFrom: (attributes: FlatAttributes) => FlatAttributes;
}

export function createPersonalFields(
  paths: readonly string[],
  box: PersonalBox | undefined,
): PersonalFields | undefined {
  if (paths.length === 0) return undefined;
  const patterns = paths.map((path) => path.split('.'));
  const coversExactly = (path: string): boolean => {
    const keys = path.split('.');
    return patterns.some(
      (pattern) =>
        pattern.length <= keys.length && pattern.every((key, index) => key === '*' || key === keys[index]),
    );
  };
  const covers = (path: string): boolean =>
    coversExactly(path) || (AUDIT_IMAGE.test(path) && coversExactly(path.replace(AUDIT_IMAGE, '')));
  return {
    covers,
    takeFrom(attributes) {
      const sealed: FlatAttributes = {};
      const person =
        textOf(attributes['audit.subject']) ??
        textOf(attributes['user_hash']) ??
        textOf(attributes['session_hash']);
      for (const [path, value] of Object.entries(attributes)) {
        if (!covers(path)) continue;
        sealed[path] = sealedValue(value, person, box);
        delete attributes[path];
      }
      const diff = attributes['audit.diff'];
      if (Array.isArray(diff))
        attributes['audit.diff'] = diff.map((each: Json) => withoutPersonal(each, covers));
      return sealed;
    },
  };
}

/** One field of an audit record's difference: that it changed stays, what it was does not. */
function withoutPersonal(change: Json, covers: (path: string) => boolean): Json {
  if (typeof change !== 'object' || change === null) return change;
  const path: unknown = Reflect.get(change, 'path');
  if (typeof path !== 'string' || !['before', 'after'].some((side) => covers(`audit.${side}.${path}`)))
    return change;
  const sides = Object.keys(change).filter((key) => key !== 'path');
  return { path, ...Object.fromEntries(sides.map((side) => [side, SEALED_IN_IMAGES])) };
}

function sealedValue(value: FlatValue, person: string | undefined, box: PersonalBox | undefined): string {
  if (box === undefined) return NOT_KEPT_NO_KEYS;
  if (person === undefined) return NOT_KEPT_NOBODY;
  try {
    return box.seal(typeof value === 'string' ? value : JSON.stringify(value), person);
  } catch {
    // Too large, or the folder of keys cannot be written: the record goes on without it.
    return NOT_KEPT_FAILED;
  }
}

function textOf(value: FlatValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
