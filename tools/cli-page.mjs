// Writes docs/reference/cli.md from the definitions of the commands. Run it after `npx tsc -b apps/cli`.
import { writeFileSync } from 'node:fs';
import { createProgram, referencePage } from '../apps/cli/dist/index.js';

const silent = { write: () => true };
const io = { out: silent, err: silent, env: {}, signal: new AbortController().signal };
const program = createProgram({ io, version: '0', settings: [] }, async () => undefined);
writeFileSync(new URL('../docs/reference/cli.md', import.meta.url), referencePage(program));
