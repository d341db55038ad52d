/** What many commands share: options for the server, the client, and output for people or for programs. */
import { createClient } from '@sillok/api';
import type { Client } from '@sillok/api';
import { IDENTITY_KEYS_FILE } from '@sillok/record/personal';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { usageError } from './errors.js';
import { DATA_DIRECTORY, DEV_KEY_FILE, IDENTITY_DIRECTORY } from './filenames.js';
import type { Io } from './io.js';
import { createColours, wantsColour } from './terminal/colours.js';
import type { Colours } from './terminal/colours.js';

export const DEFAULT_URL = 'http://127.0.0.1:4318';

export interface ServerOptions {
  readonly url?: string;
  readonly key?: string;
  readonly json?: boolean;
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON for programs');
}

export function addServerOptions(command: Command): Command {
  return addJsonOption(command)
    .option('--url <url>', `address of the server (SILLOK_URL, else ${DEFAULT_URL})`)
    .option(
      '--key <key>',
      `key for the server (SILLOK_KEY, else the file ./${DATA_DIRECTORY}/${DEV_KEY_FILE})`,
    );
}

export interface Target {
  readonly url: string;
  readonly key: string | undefined;
}

export function targetOf(options: ServerOptions, io: Io): Target {
  const url = options.url ?? filled(io.env['SILLOK_URL']) ?? DEFAULT_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw usageError(`"${url}" is not an address`, `Write it as in ${DEFAULT_URL}.`);
  return { url, key: mustBeSendable(options.key ?? filled(io.env['SILLOK_KEY']) ?? devKey(io)) };
}

/** What is pasted brings line breaks and odd quotes along: no header could hold them. */
function mustBeSendable(key: string | undefined): string | undefined {
  const clean = key?.trim();
  if (clean === undefined || /^[!-~]+$/.test(clean)) return clean;
  throw usageError(
    'the key holds characters that no key has',
    'Paste it again: one word, sillok_…, no quotes.',
  );
}

export function clientOf(options: ServerOptions, io: Io): Client {
  const { url, key } = targetOf(options, io);
  return createClient({ url, ...(key === undefined ? {} : { key }), userAgent: 'sillok-cli' });
}

export function dataDirectory(io: Io): string {
  return filled(io.env['SILLOK_DATA_DIR']) ?? DATA_DIRECTORY;
}

/** The key file of identity on this machine. */
export function identityKeysPath({ dir }: { readonly dir?: string }, io: Io): string {
  const folder = dir ?? filled(io.env['SILLOK_IDENTITY_DIR']) ?? join(dataDirectory(io), IDENTITY_DIRECTORY);
  return join(folder, IDENTITY_KEYS_FILE);
}

function devKey(io: Io): string | undefined {
  try {
    return filled(readFileSync(join(dataDirectory(io), DEV_KEY_FILE), 'utf8').trim());
  } catch {
    return undefined;
  }
}

function filled(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

export interface Output {
  readonly json: boolean;
  readonly colours: Colours;
  /** A result for people; nothing with --json. */
  text(text: string): void;
  /** A result for programs: one line of JSON; nothing without --json. */
  data(value: unknown): void;
  /** Beside the result, for people, on standard error. */
  note(text: string): void;
}

export function outputOf(options: { readonly json?: boolean }, io: Io): Output {
  const json = options.json === true;
  return {
    json,
    colours: createColours(!json && wantsColour(io.out, io.env)),
    text: (text) => void (json || io.out.write(`${text}\n`)),
    data: (value) => void (json && io.out.write(`${JSON.stringify(value)}\n`)),
    note: (text) => void (json || io.err.write(`${text}\n`)),
  };
}

/** A whole number from 1, as an option's value. */
export function countOption(name: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (!Number.isSafeInteger(count) || count < 1) throw usageError(`--${name} takes a number from 1`, '');
    return count;
  };
}

/** `15m` for `-15m`: people leave out the sign. Everything else is read by the server. */
export function momentOption(text: string): string {
  return /^\d{1,9}(ms|s|m|h|d|w)$/.test(text) ? `-${text}` : text;
}

/** The terminal belongs to what the command shows: records of the module's logger are in the spool, and with SILLOK_STDOUT=pretty here, too. */
export function keepTerminalFree(): void {
  process.env['SILLOK_STDOUT'] ??= 'none';
}
