import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createProgram } from './program.js';
import { referencePage } from './reference.js';

const silent = { write: () => true };
const io = { out: silent, err: silent, env: {}, signal: new AbortController().signal };
const program = createProgram({ io, version: '0', settings: [] }, async () => undefined);

test('docs/reference/cli.md is what the definitions say (else run node tools/cli-page.mjs)', () => {
  const page = readFileSync(new URL('../../../docs/reference/cli.md', import.meta.url), 'utf8');
  expect(page).toBe(referencePage(program));
});

test('every command has --json', () => {
  const leaves = program.commands.flatMap((command) =>
    command.commands.length > 0 ? command.commands : [command],
  );
  const without = leaves.filter((command) => !command.options.some((option) => option.long === '--json'));
  expect(without.map((command) => command.name())).toEqual([]);
});
