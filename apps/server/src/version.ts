/** The version of the server, from its package.json. */
import { createRequire } from 'node:module';

// The package's own file, which has a version.
const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string };

export const VERSION: string = manifest.version;
