/** Where a server of a test keeps its data: an empty folder of its own; in the long form of the journeys a copy of a filled one. */
import { cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function newDataFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const filled = process.env['SILLOK_JOURNEY_DATA'];
  // What a journey writes and decides must not be there when it is walked the next time.
  if (filled !== undefined) cpSync(filled, folder, { recursive: true });
  return folder;
}
