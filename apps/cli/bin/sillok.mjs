#!/usr/bin/env node
// Stands here, and not in dist, because npm links only commands that exist when it installs.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('sillok is not built yet: run "npm start" once, or "npx tsc -b" in the repository.\n');
  process.exit(1);
}
await import(main.href);
