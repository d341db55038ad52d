/**
 * Whether the process that wrote a lock still lives. A pid alone does not say: pids are reused, and pid 1 of a
 * restarted container is another process. On Linux the start time of a pid, the boot of the machine and the pid
 * namespace settle it; elsewhere the pid has to do.
 */
import * as fs from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot (Linux), else empty. */
  readonly start: string;
  /** Boot id of the machine and pid namespace, or the host's name: pids compare only within one of these. */
  readonly host: string;
}

/** `unknown`: it lives where its pid cannot be looked up. */
export type Liveness = 'alive' | 'dead' | 'unknown';

export interface Processes {
  readonly self: ProcessIdentity;
  liveness(other: ProcessIdentity): Liveness;
}

const START_FIELD = 22;

export const nodeProcesses: Processes = {
  get self() {
    return { pid: process.pid, start: startOf(process.pid), host: hostIdentity() };
  },
  liveness: (other) => {
    if (other.host !== hostIdentity()) return 'unknown';
    if (!isRunning(other.pid)) return 'dead';
    return other.start === '' || other.start === startOf(other.pid) ? 'alive' : 'dead';
  },
};

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function startOf(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  // The second field is the program's name in parentheses and may hold spaces; counting starts behind it.
  const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return rest[START_FIELD - 3] ?? '';
}

function hostIdentity(): string {
  const boot = readText('/proc/sys/kernel/random/boot_id').trim();
  return boot === '' ? hostname() : `${boot} ${pidNamespace()}`;
}

function pidNamespace(): string {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return hostname();
  }
}

function readText(path: string): string {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
