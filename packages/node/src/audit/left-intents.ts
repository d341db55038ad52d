/**
 * Intents that dead boots left open. Each dead boot's file is claimed by a rename, so of several processes that start
 * together one settles it; what it cannot settle yet moves into its own journal.
 */
import { readdirSync, readFileSync, renameSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { bootDirectory, isLocked, listSegments, nodeDisk, nodeProcesses, readGroups } from '@sillok/spool';
import { bootsOfIntentsFile, claimedIntentsFile, ownDirectory } from '../filenames.js';
import { OPEN_FILES_MAX, OPEN_SEGMENTS_SEARCHED } from '../limits.js';
import { parseJournal, type OpenIntent } from './journal.js';

/** Takes over what is left: calls `take` with each intent whose end is not in the record. */
export function takeLeftIntents(root: string, ownBoot: string, take: (intent: OpenIntent) => void): void {
  const directory = ownDirectory(root);
  const files = namesIn(directory).flatMap((name) => {
    const boots = bootsOfIntentsFile(name);
    return boots === undefined || boots.boot === ownBoot ? [] : [{ ...boots, path: join(directory, name) }];
  });
  for (const file of files.slice(0, OPEN_FILES_MAX)) {
    try {
      takeFile({ root, ownBoot, ...file }, take);
    } catch {
      // Claimed by another process, or not readable now: the next boot looks again.
    }
  }
}

interface LeftFile {
  readonly root: string;
  readonly ownBoot: string;
  readonly boot: string;
  /** The boot that began to take it over. */
  readonly claimant: string | undefined;
  readonly path: string;
}

function takeFile(
  { root, ownBoot, boot, claimant, path }: LeftFile,
  take: (intent: OpenIntent) => void,
): void {
  const found = parseJournal(readFileSync(path, 'utf8'));
  if (found === undefined) return;
  const isAlive = (each: string): boolean => {
    const directory = bootDirectory(root, { producer: found.producer, boot: each });
    return isLocked({ disk: nodeDisk, directory, processes: nodeProcesses, clockMs: Date.now });
  };
  if (isAlive(boot) || (claimant !== undefined && isAlive(claimant))) return;
  // Still found by its name when this process dies before it is done.
  const claimed = claimedIntentsFile(root, { name: basename(path), own: ownBoot });
  renameSync(path, claimed);
  const open = parseJournal(readFileSync(claimed, 'utf8'))?.open ?? [];
  const ended = endedIn(bootDirectory(root, { producer: found.producer, boot }), open);
  for (const intent of open) if (!ended.has(intent.id)) take(intent);
  unlinkSync(claimed);
}

/** Those whose end was recorded and only not noted any more. */
function endedIn(directory: string, open: readonly OpenIntent[]): Set<string> {
  const ended = new Set<string>();
  if (open.length === 0) return ended;
  const segment = listSegments({ directory }).slice(-OPEN_SEGMENTS_SEARCHED)[0]?.segment;
  if (segment === undefined) return ended;
  const wanted = new Set(open.map(({ id }) => id));
  for (const { lines } of readGroups({ directory, from: { segment, offset: 0 } })) {
    for (const line of lines.toString('utf8').split('\n')) {
      const id = endedBy(line);
      if (id !== undefined && wanted.has(id)) ended.add(id);
    }
  }
  return ended;
}

/** The id of the entry whose end the line is. Looked at once per line: a batch leaves thousands open. */
function endedBy(line: string): string | undefined {
  if (!/"audit\.outcome":"(?!intent|unknown)/.test(line)) return undefined;
  const quoted = /"audit\.id":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
  // A JSON string, as it stands in the line.
  return quoted === undefined ? undefined : (JSON.parse(quoted) as string);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
