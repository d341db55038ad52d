/**
 * Names on disk of script runs.
 *
 *   <root>/<run>/run.json       what was started: script, arguments, mode, how it ended
 *   <root>/<run>/items.ndjson   a line per finished item
 *   <root>/<run>/plan.ndjson    of a dry run: a line per item with what it would change
 *   <root>/<run>/out.csv        rows that the script gave out
 *   <root>/<run>/order.json     from elsewhere: pause or stop
 *   <root>/<run>/decision.json  of a run that waited for a second person: who approved or rejected it
 */
import { join } from 'node:path';

export const RUNS_ROOT_DEFAULT = join('.sillok', 'scripts');

export const runDirectory = (root: string, run: string): string => join(root, run);
export const runFile = (directory: string): string => join(directory, 'run.json');
export const itemsFile = (directory: string): string => join(directory, 'items.ndjson');
export const planFile = (directory: string): string => join(directory, 'plan.ndjson');
export const orderFile = (directory: string): string => join(directory, 'order.json');
export const decisionFile = (directory: string): string => join(directory, 'decision.json');
export const outFile = (directory: string): string => join(directory, 'out.csv');

/**
 * Of the continuous mode of a replay.
 *
 *   <root>/<name>.json   up to which moment of the server's clock everything is in the second database
 */
export const REPLAY_ROOT_DEFAULT = join('.sillok', 'replay');

export const replayFile = (root: string, name: string): string => join(root, `${name}.json`);
