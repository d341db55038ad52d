/** This machine: Node, the engine's library, the data folder, spools with records that wait. */
import { existsSync, statSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { nodeDisk, readGroups } from '@sillok/spool';
import { findSpools } from '@sillok/shipper';
import { DEV_KEY_FILE } from '../filenames.js';
import { FREE_BYTES_FINE, NODE_MAJOR_MIN } from '../limits.js';
import { bytesText, plural } from '../terminal/amounts.js';
import { bad, good, note } from './finding.js';
import type { Finding } from './finding.js';

const DEFAULT_SPOOL = '.sillok/spool';

export interface MachineCheck {
  readonly dataDirectory: string;
  readonly spoolDirectory: string | undefined;
}

export async function checkMachine(check: MachineCheck): Promise<Finding[]> {
  return [
    checkNode(),
    await checkEngine(),
    ...checkData(check.dataDirectory),
    ...checkSpools(check.spoolDirectory),
  ];
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= NODE_MAJOR_MIN) return good('node', process.versions.node);
  return bad('node', `${process.versions.node} is too old`, `Install Node ${NODE_MAJOR_MIN} or newer.`);
}

/** Only where the server is installed: the command works alone, too. */
async function checkEngine(): Promise<Finding> {
  const server = await import('@sillok/engine').catch(() => undefined);
  if (!server)
    return note('engine library', 'not installed here', 'It is needed only where the server runs.');
  const available = server.engineAvailable();
  return available.ok
    ? good('engine library', 'installed')
    : note('engine library', available.reason, available.help);
}

function checkData(directory: string): Finding[] {
  if (!existsSync(directory)) return [];
  const findings: Finding[] = [];
  const { bavail, bsize, blocks } = statfsSync(directory);
  const free = bavail * bsize;
  const text = `${bytesText(free)} free of ${bytesText(blocks * bsize)}`;
  findings.push(
    free >= FREE_BYTES_FINE
      ? good('disk', `${directory}: ${text}`)
      : bad('disk', `${directory}: only ${text}`, 'Free space, or shorten retention (SILLOK_RETENTION_…).'),
  );
  const keyFile = join(directory, DEV_KEY_FILE);
  if (!existsSync(keyFile)) return findings;
  const mode = statSync(keyFile).mode & 0o777;
  const open = (mode & 0o077) !== 0;
  return open
    ? [...findings, bad('dev key', `others can read ${keyFile}`, `chmod 600 ${keyFile}`)]
    : [...findings, good('dev key', 'readable by its owner only')];
}

function checkSpools(given: string | undefined): Finding[] {
  const root = given ?? DEFAULT_SPOOL;
  if (!existsSync(root))
    return given === undefined ? [] : [bad('spool', `${root} is not there`, 'Set SILLOK_SPOOL_DIR rightly.')];
  const folders = findSpools(nodeDisk, root);
  let damaged = 0;
  for (const directory of folders) {
    const groups = readGroups({ directory, onDamage: () => void (damaged += 1) });
    for (const group of groups) void group;
  }
  const found = plural(folders.length, 'spool');
  if (damaged === 0) return [good('spool', `${root}: ${found}, all as they were written`)];
  return [
    bad(
      'spool',
      `${root}: ${plural(damaged, 'damaged stretch', 'damaged stretches')}`,
      `sillok verify ${root}`,
    ),
  ];
}
