/**
 * One look of a witness: fetch the checkpoint, check its signature, check that it continues the last one seen, cosign it and
 * keep it. What is kept is a file of checkpoints, oldest first, that `sillok audit verify` takes as it is.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ApiError, ROUTES, type ConsistencyAnswer, type Http } from '@sillok/api';
import {
  cosignNote,
  isConsistent,
  newSigner,
  signerFromText,
  signerToText,
  tryHashFromBase64,
  type Checkpoint,
  type NoteSigner,
} from '@sillok/proof';
import { CliError, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import { WITNESS_CHECKPOINTS_FILE, WITNESS_KEY_FILE, WITNESS_VERIFIER_FILE } from '../filenames.js';
import { FollowedKeys } from './followed-keys.js';

export type Seen =
  | { readonly ok: true; readonly size: number; readonly note: string }
  | { readonly ok: false; readonly problem: string };

export interface WitnessOptions {
  readonly http: Http;
  readonly directory: string;
  readonly verifierText: string;
}

export function openWitness(options: WitnessOptions): (signal: AbortSignal) => Promise<Seen> {
  mkdirSync(options.directory, { recursive: true });
  const keys = new FollowedKeys(options);
  if (!keys.areAny)
    throw usageError(
      'the verifier is not a public key',
      'It is one line, as "sillok audit verifier" prints it.',
    );
  const signer = loadSigner(options.directory);
  const path = join(options.directory, WITNESS_CHECKPOINTS_FILE);
  let last = lastKept(path, keys);

  return async (signal) => {
    try {
      const note = await (await options.http.send({ path: ROUTES.auditCheckpoint, signal })).text();
      const now = await keys.checkpointNow(note, signal);
      if (typeof now === 'string') return { ok: false, problem: `the checkpoint does not hold: ${now}` };
      const problem = last === undefined ? undefined : await breakIn(options.http, last, now);
      if (problem !== undefined) return { ok: false, problem };
      const cosigned = cosignNote(note, signer, Math.floor(Date.now() / 1000));
      appendFileSync(path, `${cosigned}\n`);
      last = now;
      return { ok: true, size: now.size, note: cosigned };
    } catch (error) {
      return { ok: false, problem: noAnswer(error) };
    }
  };
}

/** Silence is an alarm; but a server that cannot answer is not one that was tampered with, and needs something else to be done. */
function noAnswer(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof ApiError)) return `no answer: ${message}`;
  if (error.status === 404)
    return (
      `the server has no ${ROUTES.auditCheckpoint}: it is older than the audit log, or this is not its address. ` +
      'Update the server, or look at --url; nothing was checked'
    );
  if (error.status === 401 || error.status === 403)
    return (
      `the key may not read the audit log: ${message} ` +
      'Give the witness a key with the scope "read"; nothing was checked'
    );
  return `no answer: ${message}`;
}

/** Why the log cannot be what it was, as a sentence. */
async function breakIn(http: Http, last: Checkpoint, now: Checkpoint): Promise<string | undefined> {
  if (now.origin !== last.origin) return `another log answers: ${now.origin}, and not ${last.origin}`;
  if (now.size < last.size) return `the log has lost entries: ${last.size} were there, now ${now.size}`;
  const query = { from: last.size, to: now.size };
  const answer = await http.json<ConsistencyAnswer>({ path: ROUTES.auditConsistency, query });
  const proof = answer.proof.map((hash) => tryHashFromBase64(hash) ?? '');
  const sizes = { before: last.size, beforeRoot: last.root, size: now.size, root: now.root };
  if (isConsistent({ ...sizes, proof })) return undefined;
  return `the first ${last.size} entries are not what they were; "sillok audit verify" says which`;
}

/** The newest one kept. A file that does not hold is no beginning to go on from. */
function lastKept(path: string, keys: FollowedKeys): Checkpoint | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const blocks = text.split('\n\n').slice(0, -1);
  const whole = blocks.slice(0, blocks.length - (blocks.length % 2));
  const kept = whole.map((block) => `${block}\n\n`).join('');
  // A kill in the middle of the write left half a note behind the last whole one.
  if (kept !== text) writeFileSync(path, kept);
  const [body, signatures] = whole.slice(-2);
  if (body === undefined || signatures === undefined) return undefined;
  const read = keys.checkpointKept(`${body}\n\n${signatures}\n`);
  if (typeof read !== 'string') return read;
  throw new CliError({
    code: 'witness_damaged',
    message: `the last checkpoint in ${path} does not hold: ${read}`,
    help: 'Somebody has changed what this witness kept, or the verifier is another one. Do not delete it: look.',
    exitCode: EXIT.failed,
  });
}

function loadSigner(directory: string): NoteSigner {
  const path = join(directory, WITNESS_KEY_FILE);
  if (existsSync(path)) return signerFromText(readFileSync(path, 'utf8'));
  const name = `witness-${hostname().replace(/[^A-Za-z0-9.-]/g, '-')}`;
  const signer = newSigner(name, 'cosignature');
  writeFileSync(path, signerToText(signer), { mode: 0o600, flag: 'wx' });
  writeFileSync(join(directory, WITNESS_VERIFIER_FILE), `${signer.verifier}\n`);
  return signer;
}
