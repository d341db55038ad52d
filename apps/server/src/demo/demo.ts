/**
 * The demo shop as a child of the server: services, a database and customers that are made up, in a project of their own. It ends
 * with the server, also when that is killed: the shop notices that the channel is closed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DEMO_PROJECT, type DemoShape } from '@sillok/api';

import type { Log } from '../log.js';
import type { Settings } from '../settings/settings.js';
import { SHOP_SCRIPT } from './filenames.js';
import { DEMO_OUTPUT_CHARS_MAX, DEMO_START_MS_MAX, DEMO_STOP_MS_MAX } from './limits.js';

export interface Demo {
  state(): DemoShape;
  /** Begins the start; `state()` says how far it is. */
  start(actor: string): void;
  stop(): Promise<void>;
}

export interface DemoOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Where the shop reaches this server. */
  readonly url: () => string;
  readonly dataDirectory: string;
  readonly identityKeys: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly keyId: string;
  url: string | null;
  output: string;
}

export function createDemo(options: DemoOptions): Demo {
  const { settings, log } = options;
  const script = join(dirname(fileURLToPath(import.meta.url)), ...SHOP_SCRIPT);
  let running: Running | undefined;
  let problem: string | null = null;

  function ended(which: Running, why: string): void {
    // The key is good for nothing else, and nobody remembers it.
    settings.revokeKey(which.keyId, 'server');
    if (running !== which) return;
    running = undefined;
    problem = why;
    log.warn('the demo shop ended by itself; its records are as they were', { output: which.output });
  }

  return {
    state: () => ({
      available: existsSync(script),
      state: running === undefined ? 'stopped' : running.url === null ? 'starting' : 'running',
      url: running?.url ?? null,
      project: DEMO_PROJECT,
      problem,
    }),
    start(actor) {
      if (running !== undefined || !existsSync(script)) return;
      problem = null;
      // It makes a key for its page, so it may manage its own project and nothing else.
      const wanted = { name: 'the demo shop', project: DEMO_PROJECT, scopes: ['admin'] } as const;
      const { key, stored } = settings.createKey(wanted, actor);
      const child = spawn(process.execPath, [script], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: { ...process.env, ...environment(options, key) },
      });
      const mine: Running = { child, keyId: stored.id, url: null, output: '' };
      running = mine;
      follow(mine, (why) => ended(mine, why));
    },
    async stop() {
      const mine = running;
      running = undefined;
      if (mine === undefined) return;
      const { child } = mine;
      if (child.exitCode === null && child.signalCode === null) {
        const timer = setTimeout(() => child.kill('SIGKILL'), DEMO_STOP_MS_MAX);
        child.kill('SIGTERM');
        await once(child, 'exit');
        clearTimeout(timer);
      }
      settings.revokeKey(mine.keyId, 'server');
    },
  };
}

function environment({ url, dataDirectory, identityKeys }: DemoOptions, key: string): NodeJS.ProcessEnv {
  return {
    SILLOK_URL: url(),
    SILLOK_KEY: key,
    SILLOK_DATA_DIR: dataDirectory,
    SILLOK_IDENTITY_KEYS: identityKeys,
  };
}

function follow(mine: Running, onEnd: (why: string) => void): void {
  const { child } = mine;
  const late = setTimeout(() => child.kill('SIGTERM'), DEMO_START_MS_MAX);
  const read = (piece: Buffer): void => {
    mine.output = (mine.output + piece.toString()).slice(-DEMO_OUTPUT_CHARS_MAX);
    mine.url ??= /The shop is at (http:\/\/\S+)/.exec(mine.output)?.[1] ?? null;
    if (mine.url !== null) clearTimeout(late);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  child.once('error', (error) => onEnd(error.message));
  child.once('exit', (code, signal) => {
    clearTimeout(late);
    onEnd(`it ended with ${signal ?? code}: ${mine.output.trim().split('\n').at(-1) ?? ''}`);
  });
}
