/** Apps and releases that are switched off, in the data folder. */
export const BROWSER_KILLS_FILE = 'browser-kills.json';

/** Storms that are not over yet. */
export const BROWSER_STORMS_FILE = 'browser-storms.json';

/** Where the bundled browser SDK lies, seen from this folder, in `dist` as in `src`. */
export const SDK_FOLDER = ['..', '..', '..', '..', 'packages', 'browser', 'dist', 'bundle'] as const;
