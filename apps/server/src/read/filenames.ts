/** Names on disk of the reading side, below the data folder. */

/** Signs cursors, so that a page begun before a restart goes on after it. */
export const CURSOR_KEY_FILE = 'cursor-key';
