/** Programs of others that tests run for real: where they are, and services that print their port when they listen. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cliPath, type TestServer } from './server.js';

/** Full path of a command, also in the places that only root has on its PATH. */
export function command(name: string): string | undefined {
  const places = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return places.map((place) => join(place, name)).find((path) => existsSync(path));
}

/** Whether the system's Python has this module. */
export function hasPythonModule(name: string): boolean {
  return spawnSync('/usr/bin/python3', ['-c', `import ${name}`]).status === 0;
}

export class Program {
  readonly child: ChildProcess;
  output = '';

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
  }

  /** Waits until the output matches; fails with the output when the program ends before. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.output);
      if (match !== null) return match;
      if (this.child.exitCode !== null) throw new Error(`ended with ${this.child.exitCode}:\n${this.output}`);
      const { stdout, stderr } = this.child;
      if (stdout === null || stderr === null) throw new Error('no output');
      // Listeners of those that lost the race go with the signal.
      const race = new AbortController();
      const { signal } = race;
      const events = [once(stdout, 'data', { signal }), once(stderr, 'data', { signal })];
      const all = [...events, once(this.child, 'exit', { signal })];
      await Promise.race(all);
      race.abort();
      await Promise.allSettled(all);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal);
    return this.ended();
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

/** The built CLI against a test server. */
export function cli(server: TestServer, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  return new Program(process.execPath, [cliPath, ...args], {
    SILLOK_URL: server.url,
    SILLOK_KEY: server.key,
    NO_COLOR: '1',
    ...env,
  });
}

/** Runs a command of the CLI to its end. */
export async function runCli(
  server: TestServer,
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const program = cli(server, args);
  if (program.child.exitCode === null) await once(program.child, 'close');
  return { code: program.child.exitCode, output: program.output };
}
