/** What the kernel says about processes of a test. */
import { readdirSync, readFileSync } from 'node:fs';

/** Children of a process whose command line names the engine. */
export function enginePids(parent: number): number[] {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return numbers.map(Number).filter((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return (
        status.includes(`PPid:\t${parent}\n`) && !status.includes('State:\tZ') && command.includes('engine')
      );
    } catch {
      return false;
    }
  });
}

/** The most memory that a process ever had resident. */
export function peakBytes(pid: number): number {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
