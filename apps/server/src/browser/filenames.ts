/** Names on disk of what browsers send and need. */
import { createHash } from 'node:crypto';

/** Apps and releases that are switched off, in the data folder. */
export const BROWSER_KILLS_FILE = 'browser-kills.json';

/** Storms that are not over yet. */
export const BROWSER_STORMS_FILE = 'browser-storms.json';

/** Where the bundled browser SDK lies, seen from this folder, in `dist` as in `src`. */
export const SDK_FOLDER = ['..', '..', '..', '..', 'packages', 'browser', 'dist', 'bundle'] as const;

/** Source maps of releases, one folder each below it. */
export const SOURCE_MAPS_DIRECTORY = 'source-maps';

/** What a folder of a release holds. */
export const MAP_ABOUT_FILE = 'about.json';

/** A map is named by the hash of the file that it is for: those names come from outside. */
export function mapFile(file: string): string {
  return `${createHash('sha256').update(file).digest('hex').slice(0, 32)}.map.json`;
}
