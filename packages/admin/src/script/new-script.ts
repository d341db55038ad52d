/** `script new NAME --template T`: a script that runs as it is over a table of orders, to be changed to one's own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScriptError } from '../errors.js';

export const TEMPLATES = ['scan', 'backfill', 'import', 'export', 'sync'] as const;

/** Beside the built files, as beside the sources. */
const FOLDER = join(import.meta.dirname, '..', '..', 'templates');

/** Answers the file that it made. Never writes over one. */
export function newScript(name: string | undefined, template: string | undefined): string {
  if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name))
    throw new ScriptError(
      'usage',
      'A script has a name: a-z, 0-9 and -.',
      'As in: script new raise-prices --template backfill',
    );
  const known = TEMPLATES.find((each) => each === template);
  if (known === undefined)
    throw new ScriptError(
      'usage',
      `There is no template "${template ?? ''}".`,
      `There are: ${TEMPLATES.join(', ')}.`,
    );
  const file = `${name}.mjs`;
  if (existsSync(file))
    throw new ScriptError('usage', `${file} is there already, and stays as it is.`, 'Choose another name.');
  writeFileSync(file, readFileSync(join(FOLDER, `${known}.mjs`), 'utf8').replaceAll('__NAME__', name));
  return file;
}
