/** State of the page beside an error: the paths that the page allows, scalars only. Nothing else leaves it. */
import type { Core } from './core.js';
import type { SnapshotOptions } from './types.js';
import { SNAPSHOT_CHARACTERS_MAX, SNAPSHOT_VALUES_MAX } from './snapshot-limits.js';

export function takeSnapshot(core: Core, snapshot: SnapshotOptions): void {
  const state = snapshot.read();
  const attributes: { [name: string]: unknown } = {};
  for (const path of snapshot.allow.slice(0, SNAPSHOT_VALUES_MAX)) {
    const value = at(state, path);
    if (typeof value === 'object' || typeof value === 'function' || value === undefined) continue;
    attributes[`browser.snapshot.${path}`] =
      typeof value === 'string' ? value.slice(0, SNAPSHOT_CHARACTERS_MAX) : value;
  }
  const signature = JSON.stringify(Object.values(attributes));
  core.event('browser.snapshot', signature, () => ({ message: 'state of the page', attributes }));
}

function at(state: unknown, path: string): unknown {
  let value = state;
  for (const key of path.split('.')) {
    // Own properties only: a path must not reach what every object inherits.
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
