/** Where the built console lies, seen from this folder, in `dist` as in `src`. */
export const CONSOLE_FOLDER = ['..', '..', '..', 'console', 'dist'] as const;
export const CONSOLE_PAGE = 'index.html';
