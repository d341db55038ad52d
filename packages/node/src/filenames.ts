/**
 * Names that the SDK gives to things on disk, besides those of the spool (`<root>/<producer>/<boot>/`).
 *
 *   <root>/.sdk/<service>.producer      the name of this installation of the service, kept across restarts
 *   <root>/.sdk/<boot>.requests         the requests that are open in that boot: see open-requests.ts
 *   <root>/.sdk/<boot>~<n>.intents      the audit intents that are open in that boot: see audit/journal.ts
 */
import { join } from 'node:path';
import { safeName } from '@sillok/spool';

/** Begins with a dot, as no producer's folder does. */
const OWN_DIRECTORY = '.sdk';
const REQUESTS_SUFFIX = '.requests';

export const SPOOL_ROOT_DEFAULT = join('.sillok', 'spool');

export const ownDirectory = (root: string): string => join(root, OWN_DIRECTORY);

export const producerFile = (root: string, service: string): string =>
  join(root, OWN_DIRECTORY, `${safeName(service)}.producer`);

export const requestsFile = (root: string, boot: string): string =>
  join(root, OWN_DIRECTORY, `${safeName(boot)}${REQUESTS_SUFFIX}`);

/** The boot that a file of open requests belongs to, or undefined for other files. */
export function bootOfRequestsFile(name: string): string | undefined {
  return name.endsWith(REQUESTS_SUFFIX) ? name.slice(0, -REQUESTS_SUFFIX.length) : undefined;
}

const INTENTS_SUFFIX = '.intents';
/** Between a boot and the number of the journal in it. */
const NUMBER = '~';
/** Between a dead boot's file and the boot that settles what it left. */
const CLAIM = '+';

export const intentsFile = (root: string, { boot, number }: { boot: string; number: number }): string =>
  join(root, OWN_DIRECTORY, `${safeName(boot)}${NUMBER}${number}${INTENTS_SUFFIX}`);

/** `name`: of the dead boot's file, claimed before or not. */
export const claimedIntentsFile = (root: string, { name, own }: { name: string; own: string }): string => {
  const [stem = ''] = name.slice(0, -INTENTS_SUFFIX.length).split(CLAIM);
  return join(root, OWN_DIRECTORY, `${stem}${CLAIM}${own}${INTENTS_SUFFIX}`);
};

/** The boot that a file of open intents belongs to, and the one that has claimed it; undefined for other files. */
export function bootsOfIntentsFile(name: string): { boot: string; claimant: string | undefined } | undefined {
  if (!name.endsWith(INTENTS_SUFFIX)) return undefined;
  const [stem = '', claimant] = name.slice(0, -INTENTS_SUFFIX.length).split(CLAIM);
  return { boot: stem.split(NUMBER)[0] ?? '', claimant };
}
