/** Personal fields, taken out of what is shown. What is left says that there is something, and not how long it is. */
import type { FieldChange } from '@sillok/record';

export const MASK = '•••';

export function maskPaths(value: unknown, paths: readonly string[]): unknown {
  return paths.reduce((masked, path) => maskPath(masked, path.split('.')), value);
}

export function maskDiff(diff: readonly FieldChange[], paths: readonly string[]): readonly FieldChange[] {
  const isPersonal = ({ path }: FieldChange): boolean =>
    paths.some((each) => path === each || path.startsWith(`${each}.`) || path.startsWith(`${each}[`));
  return diff.map((change) => {
    if (!isPersonal(change)) return change;
    return {
      path: change.path,
      ...(change.before === undefined ? {} : { before: MASK }),
      ...(change.after === undefined ? {} : { after: MASK }),
    };
  });
}

function maskPath(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (value === undefined || value === null) return value;
  if (key === undefined) return MASK;
  if (Array.isArray(value)) return value.map((each: unknown) => maskPath(each, [key, ...rest]));
  if (typeof value !== 'object' || !Object.hasOwn(value, key)) return value;
  return { ...value, [key]: maskPath(Reflect.get(value, key), rest) };
}
