/**
 * `sillok identity`: finding a customer, opening and erasing what is personal, and the keys. Look-ups go to the server, which
 * puts each of them into the audit trail; `epochs` and `rotate` work on the identity folder of this machine.
 */
import type { PersonCandidate } from '@sillok/api';
import { supportCodeOf } from '@sillok/context';
import { parseKeyFile, withNewEpoch } from '@sillok/record/personal';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import type { Command } from 'commander';
import { addJsonOption, addServerOptions, clientOf, identityKeysPath, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { CliError, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface LookupOptions extends ServerOptions {
  readonly as?: string;
  readonly reason?: string;
}

interface ReasonOptions extends ServerOptions {
  readonly reason: string;
}

interface FolderOptions {
  readonly dir?: string;
  readonly json?: boolean;
}

const KINDS = ['email', 'phone', 'member', 'order', 'support_code', 'id'] as const;

export function addIdentity(program: Command, io: Io, finish: Finish): void {
  const identity = program
    .command('identity')
    .description('find a customer, open or erase what is personal, keep the keys');
  addServerOptions(
    identity
      .command('lookup')
      .description('who is meant by what a customer says; the look-up itself is audited')
      .argument('<text>', 'an e-mail, a phone, member or order number, a support code, a pseudonym, any id')
      .option('--as <kind>', `take it for this alone: ${KINDS.join(', ')}`)
      .option('--reason <text>', 'why; stands in the audit trail'),
  ).action((text: string, options: LookupOptions) => finish(() => lookup(text, options, io)));
  addServerOptions(
    identity
      .command('open')
      .description('the personal fields of one record in plain; needs the scope personal, and is audited')
      .argument('<record>', 'PRODUCER/BOOT/SEQ, as search --json shows them')
      .requiredOption('--reason <text>', 'why; stands in the audit trail'),
  ).action((record: string, options: ReasonOptions) => finish(() => open(record, options, io)));
  addServerOptions(
    identity
      .command('erase')
      .description("destroy a person's keys: their personal fields can never be read again")
      .argument('<person>', 'a pseudonym, as a look-up answered it')
      .requiredOption('--reason <text>', 'why; stands in the audit trail'),
  ).action((person: string, options: ReasonOptions) => finish(() => erase(person, options, io)));
  addJsonOption(
    identity
      .command('code')
      .description('the support code of a trace')
      .argument('<trace-id>', '32 hex digits'),
  ).action((traceId: string, options: FolderOptions) => finish(() => code(traceId, options, io)));
  addFolderCommands(identity, io, finish);
}

function addFolderCommands(identity: Command, io: Io, finish: Finish): void {
  const ofFolder = (command: Command): Command =>
    addJsonOption(command).option('--dir <folder>', 'the identity folder (SILLOK_IDENTITY_DIR)');
  ofFolder(
    identity.command('epochs').description('the epochs of the key file on this machine, without its secrets'),
  ).action((options: FolderOptions) => finish(() => epochs(options, io)));
  ofFolder(
    identity
      .command('rotate')
      .description('begin a new epoch of keys; restart the server and the services afterwards'),
  ).action((options: FolderOptions) => finish(() => rotate(options, io)));
}

async function lookup(query: string, options: LookupOptions, io: Io): Promise<number> {
  const as = KINDS.find((kind) => kind === options.as);
  if (options.as !== undefined && as === undefined) {
    throw usageError(`--as takes one of ${KINDS.join(', ')}`, '');
  }
  const output = outputOf(options, io);
  const { reason } = options;
  const answer = await clientOf(options, io).person.lookup({
    query,
    ...(as === undefined ? {} : { as }),
    ...(reason === undefined ? {} : { reason }),
  });
  output.data(answer);
  const { candidates, trace_ids: traces } = answer;
  if (candidates.length === 0) output.text('nobody');
  else output.text(tableText({ columns: COLUMNS, rows: candidates.map(rowOf), colours: output.colours }));
  for (const trace of traces.slice(0, 5)) output.text(`trace ${trace}`);
  if (answer.searched === 'indexes') {
    output.note('The search engine does not answer: records were not looked through.');
  }
  output.note(output.colours.dim(`This look-up is in the audit trail: ${answer.audit_id}`));
  return candidates.length === 0 && traces.length === 0 ? EXIT.failed : EXIT.ok;
}

const COLUMNS = ['person', 'found by', 'accounts', 'sessions', ''];

function rowOf(candidate: PersonCandidate): string[] {
  const { person, found_by, user_hashes, session_hashes, shared } = candidate;
  const note = shared ? 'shares a session with another account' : '';
  return [person, found_by.join(' '), String(user_hashes.length), String(session_hashes.length), note];
}

async function open(text: string, options: ReasonOptions, io: Io): Promise<number> {
  const found = /^(.+)\/([^/]+)\/(\d{1,15})$/.exec(text);
  if (found === null)
    throw usageError(`"${text}" is not PRODUCER/BOOT/SEQ`, 'sillok search --json shows all three.');
  const output = outputOf(options, io);
  const [, producer = '', boot = '', seq] = found;
  const { reason } = options;
  const answer = await clientOf(options, io).person.open({ producer, boot, seq: Number(seq), reason });
  output.data(answer);
  for (const [path, value] of Object.entries(answer.values)) {
    const shown = value === null ? CLOSED[answer.unreadable[path] ?? 'erased'] : safeLine(value);
    output.text(`${safeLine(path)}: ${shown}`);
  }
  if (Object.keys(answer.values).length === 0) output.text('nothing in this record is sealed');
  return EXIT.ok;
}

const CLOSED = {
  erased: '(erased)',
  key_absent: '(sealed with a key that is not in the identity folder of this server)',
};

async function erase(person: string, options: ReasonOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const answer = await clientOf(options, io).person.erase({ person, reason: options.reason });
  output.data(answer);
  output.text(`the keys of ${safeLine(answer.person)} are destroyed (${answer.erased.length} pseudonyms)`);
  output.note(
    output.colours.dim('Backups of the identity folder that are older still hold them: destroy those, too.'),
  );
  return EXIT.ok;
}

async function code(traceId: string, options: FolderOptions, io: Io): Promise<number> {
  if (!/^[0-9a-f]{32}$/.test(traceId))
    throw usageError(`"${traceId}" is not a trace id`, 'It has 32 hex digits.');
  const output = outputOf(options, io);
  output.data({ trace_id: traceId, support_code: supportCodeOf(traceId) });
  output.text(supportCodeOf(traceId));
  return EXIT.ok;
}

async function epochs(options: FolderOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const list = readKeys(identityKeysPath(options, io)).map(({ epoch, created_at }) => ({
    epoch,
    created_at,
  }));
  output.data({ epochs: list });
  const rows = list.map(({ epoch, created_at }) => [
    String(epoch),
    created_at.slice(0, 16).replace('T', ' '),
  ]);
  output.text(tableText({ columns: ['epoch', 'since'], rows, colours: output.colours }));
  return EXIT.ok;
}

async function rotate(options: FolderOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const path = identityKeysPath(options, io);
  const text = withNewEpoch(readKeys(path), new Date().toISOString());
  replace(path, text);
  const epoch = parseKeyFile(text)[0]?.epoch ?? 0;
  output.data({ epoch, path });
  output.text(`epoch ${epoch} begins in ${path}`);
  output.note(
    'Restart the server, give the file to the services and restart them: old epochs stay readable.',
  );
  return EXIT.ok;
}

function readKeys(path: string): ReturnType<typeof parseKeyFile> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const help = 'The server makes it at its first start. Say where it is with --dir or SILLOK_IDENTITY_DIR.';
    const message = `there is no key file in ${path}`;
    throw new CliError({ code: 'no_keys', message, help, exitCode: EXIT.failed }, error);
  }
  return parseKeyFile(text);
}

/** A crash leaves the old file or the new one: without it every pseudonym would be another. */
function replace(path: string, text: string): void {
  const fresh = `${path}.new`;
  const file = openSync(fresh, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, path);
}
