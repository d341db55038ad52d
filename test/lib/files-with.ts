/** A search over a disk, as whoever looks for personal data would make it: grep, and into what is compressed. */
import { spawnSync } from 'node:child_process';

/** Files below the folder in which the pattern stands, in any case of letters. */
export function filesWith(pattern: string, folder: string): string[] {
  const plain = grep('grep', ['-rlaiE', pattern, folder]);
  const compressed = grep('find', [folder, '-name', '*.gz', '-exec', 'zgrep', '-laiE', pattern, '{}', '+']);
  return [...plain, ...compressed];
}

function grep(command: string, args: readonly string[]): string[] {
  const { stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (error !== undefined) throw error;
  if (/No such file|invalid/i.test(stderr)) throw new Error(`${command}: ${stderr}`);
  return stdout.split('\n').filter(Boolean);
}
