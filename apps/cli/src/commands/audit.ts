/** `sillok audit`: who changed what, and the proof that nobody has changed that. */
import { readFileSync } from 'node:fs';
import { KEY_OVERLAP_DAYS_DEFAULT, ROUTES } from '@sillok/api';
import type { AuditAnswer, KeyChangeAnswer } from '@sillok/api';
import type { Command } from 'commander';
import { receiptProblem } from '../audit/check-receipt.js';
import { showVerdict, verdictText } from '../audit/verdict-text.js';
import { addHistory } from '../audit/history.js';
import { addReview } from '../audit/review.js';
import { addJsonOption, addServerOptions, clientOf, outputOf, type ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';

export function addAudit(program: Command, io: Io, finish: Finish): void {
  const audit = program.command('audit').description('who changed what, and the proofs over it');
  addHistory(audit, io, finish);
  addReview(audit, io, finish);
  addProofs(audit, io, finish);
}

function addProofs(audit: Command, io: Io, finish: Finish): void {
  const noting = audit
    .command('checkpoint')
    .description('a signed checkpoint of the log as it is now: keep it where the server cannot reach');
  addServerOptions(noting).action((options: ServerOptions) =>
    finish(() => printText(ROUTES.auditCheckpoint, options, io)),
  );
  const naming = audit.command('verifier').description('the public key that checkpoints are checked with');
  addServerOptions(naming).action((options: ServerOptions) =>
    finish(() => printText(ROUTES.auditVerifier, options, io)),
  );
  addKeyChange(audit, io, finish);
  const proving = audit
    .command('receipt')
    .description('the proof that an entry is in the log, as JSON')
    .argument('<id>', 'of the entry')
    .option('--outcome <outcome>', 'intent, committed, rolled_back, denied, failed or unknown', 'committed');
  addServerOptions(proving).action((id: string, options: ServerOptions & { outcome: string }) =>
    finish(() => receipt(id, options, io)),
  );
  const checking = audit
    .command('check-receipt')
    .description('check a receipt without the server')
    .argument('<file>', 'the answer of POST /v1/audit or of "audit receipt"')
    .requiredOption('--verifier <file>', 'what "audit verifier" printed, kept from the beginning');
  addJsonOption(checking).action((file: string, options: { verifier: string; json?: boolean }) =>
    finish(async () => checkReceipt(file, options, io)),
  );
  const verifying = audit
    .command('verify')
    .description("hold a server's data folder against checkpoints that were kept elsewhere; needs no server")
    .argument('<data>', 'the data folder, or a copy of it')
    .requiredOption('--checkpoint <file...>', 'files with one or more checkpoints')
    .requiredOption('--verifier <file>', 'what "audit verifier" printed, kept from the beginning');
  addJsonOption(verifying).action((data: string, options: VerifyOptions) =>
    finish(() => verify(data, options, io)),
  );
}

function addKeyChange(audit: Command, io: Io, finish: Finish): void {
  const following = audit
    .command('key-changes')
    .description(
      'the changes of the signing key, each signed by the key before: append them to your verifier file',
    );
  addServerOptions(following).action((options: ServerOptions) =>
    finish(() => printText(ROUTES.auditKeyChanges, options, io)),
  );
  const rotating = audit
    .command('rotate-key')
    .description('a new signing key, signed over by the one before; for owners of the server')
    .requiredOption('--reason <text>', 'why; it stands in the audit trail')
    .option(
      '--overlap-days <days>',
      'how long the old key signs too; 0 when it was stolen',
      Number,
      KEY_OVERLAP_DAYS_DEFAULT,
    );
  addServerOptions(rotating).action((options: RotateOptions) => finish(() => rotateKey(options, io)));
}

interface RotateOptions extends ServerOptions {
  readonly reason: string;
  readonly overlapDays: number;
}

async function rotateKey(options: RotateOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const answer = await clientOf(options, io).http.json<KeyChangeAnswer>({
    method: 'POST',
    path: ROUTES.auditKeyChanges,
    json: { reason: options.reason, overlap_days: options.overlapDays },
  });
  output.data(answer);
  const { colours } = output;
  const old =
    answer.until === undefined
      ? 'the old key is gone from the server'
      : `the old key signs too until ${answer.until}`;
  output.text(
    `${colours.good('✓')} a new key signs; ${old}\n` +
      `  before  ${safeLine(answer.before)}\n` +
      `  now     ${safeLine(answer.after)}\n` +
      'Who holds the verifier: sillok audit key-changes >> verifier',
  );
  return EXIT.ok;
}

async function printText(path: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const text = await (await clientOf(options, io).http.send({ path })).text();
  output.data({ text });
  output.text(text.trimEnd());
  return EXIT.ok;
}

async function receipt(id: string, options: ServerOptions & { outcome: string }, io: Io): Promise<number> {
  const query = { id, outcome: options.outcome };
  const answer = await clientOf(options, io).http.json<AuditAnswer>({ path: ROUTES.auditReceipt, query });
  io.out.write(`${JSON.stringify(answer)}\n`);
  return EXIT.ok;
}

function checkReceipt(file: string, options: { verifier: string; json?: boolean }, io: Io): number {
  const output = outputOf(options, io);
  const problem = receiptProblem(readText(file), readText(options.verifier));
  output.data({ ok: problem === undefined, problem: problem ?? null });
  const { colours } = output;
  output.text(
    problem === undefined
      ? `${colours.good('✓')} the log contains every entry of this receipt`
      : `${colours.bad('✗')} ${safeLine(problem)}`,
  );
  return problem === undefined ? EXIT.ok : EXIT.partly;
}

interface VerifyOptions {
  readonly checkpoint: readonly string[];
  readonly verifier: string;
  readonly json?: boolean;
}

async function verify(data: string, options: VerifyOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const verdict = await showVerdict({
    data,
    notes: options.checkpoint.map(readText),
    verifiers: [readText(options.verifier)],
  });
  output.data(verdict);
  output.text(verdictText(verdict, output.colours));
  return verdict.ok ? EXIT.ok : EXIT.partly;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw usageError(
      `${safeLine(path)} cannot be read: ${cause instanceof Error ? cause.message : ''}`,
      'Name a file that is there.',
    );
  }
}
