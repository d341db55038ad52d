/**
 * Checkpoints told to people on a schedule: by mail, or to a channel of Slack. Whoever has the message holds a checkpoint that
 * the server's owner cannot take back.
 *
 * It comes in every interval, also when nothing was recorded, so that its absence says something. One that could not be sent is
 * tried again until the next is due, and is loud meanwhile; what came due while the server was not running is told at its start.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { guardedPost } from '../alert/guarded-post.js';
import { createMailer, type Mailer } from '../alert/mail.js';
import { escapeSlack } from '../alert/slack.js';
import type { Config } from '../config.js';
import { replaceFileNow } from '../durable-file.js';
import { CHECKPOINT_TOLD_FILE } from '../filenames.js';
import { CHECKPOINT_TELL_INTERVAL_MS } from '../limits.js';
import type { Log } from '../log.js';
import { dueAt } from '../report/schedule.js';
import type { AuditLog } from './audit-log.js';
import type { Checkpoints } from './checkpoints.js';

export interface TellingOptions {
  readonly config: Config;
  readonly directory: string;
  readonly auditLog: AuditLog;
  readonly checkpoints: Checkpoints;
  readonly log: Log;
  readonly nowMs?: () => number;
}

export interface Telling {
  /** Tells what is due. Resolves when every target was tried. */
  look(): Promise<void>;
  stop(): void;
}

export function startTelling(options: TellingOptions): Telling | undefined {
  const { config, directory, log, nowMs = Date.now } = options;
  const targets = config.checkpointTo
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  if (targets.length === 0) return undefined;
  const path = join(directory, CHECKPOINT_TOLD_FILE);
  const mailer = createMailer(config);
  const schedule = { schedule: config.checkpointSchedule, timezone: config.checkpointTimezone };
  let lastMs = lastTold(path) ?? nowMs();
  /** Of the message that is due: who has it. */
  let told = new Set<string>();
  let toldDueMs = 0;

  const look = async (): Promise<void> => {
    const due = dueAt(schedule, { lastMs, nowMs: nowMs() });
    if (due === undefined) return;
    if (due !== toldDueMs) told = new Set();
    toldDueMs = due;
    const message = messageOf(options);
    for (const target of targets) {
      if (told.has(target)) continue;
      try {
        await tell(target, { ...message, mailer, id: `checkpoint-${due}`, config });
        told.add(target);
      } catch (error) {
        log.error('a checkpoint could not be told; it is tried again in a minute', {
          target: nameOf(target),
          error,
        });
      }
    }
    if (told.size < targets.length) return;
    lastMs = due;
    replaceFileNow(path, `${new Date(due).toISOString()}\n`);
  };
  let looking: Promise<void> | undefined;
  const lookOnce = (): Promise<void> => {
    // A target that does not answer must not be asked twice at once.
    looking ??= look().finally(() => (looking = undefined));
    return looking;
  };
  const timer = setInterval(() => void lookOnce().catch(() => undefined), CHECKPOINT_TELL_INTERVAL_MS);
  return {
    look: lookOnce,
    stop() {
      clearInterval(timer);
      mailer?.close();
    },
  };
}

function lastTold(path: string): number | undefined {
  if (!existsSync(path)) return undefined;
  const ms = Date.parse(readFileSync(path, 'utf8').trim());
  return Number.isNaN(ms) ? undefined : ms;
}

/** An address of a webhook is a secret; its host is none. */
function nameOf(target: string): string {
  return URL.canParse(target) ? new URL(target).host : target;
}

interface Told {
  readonly subject: string;
  readonly text: string;
}

function messageOf({ auditLog, checkpoints }: TellingOptions): Told {
  auditLog.catchUp();
  const projects = auditLog.projects();
  const signed = projects.map((project) => checkpoints.sign(project));
  const size = signed.reduce((sum, each) => sum + each.size, 0);
  const subject = `Sillok: checkpoint of the audit log, ${size.toLocaleString('en-US')} entries`;
  const notes = signed.map(({ note }) => note).join('\n');
  const text = [
    'Keep this message: it proves what the audit log was by now ("sillok audit verify --checkpoint FILE").',
    'It comes by itself, also when nothing was recorded. When it stops coming, ask why.',
    '',
    projects.length === 0 ? 'There are no audit entries yet.' : notes,
    `verifier: ${checkpoints.verifier}`,
    ...(checkpoints.keyChanges === '' ? [] : ['', checkpoints.keyChanges.trimEnd()]),
  ].join('\n');
  return { subject, text };
}

interface Telltale extends Told {
  readonly mailer: Mailer | undefined;
  readonly id: string;
  readonly config: Config;
}

async function tell(target: string, { subject, text, mailer, id, config }: Telltale): Promise<void> {
  if (!URL.canParse(target)) {
    if (mailer === undefined) throw new Error('there is no mail server: set SILLOK_SMTP_URL');
    const html = `<pre>${escapeSlack(text)}</pre>`;
    return mailer.send({ to: [target], subject, text, html, id });
  }
  const body = JSON.stringify({ text: `${subject}\n\`\`\`\n${escapeSlack(text)}\n\`\`\`` });
  const headers = { 'content-type': 'application/json' };
  const answer = await guardedPost({ url: target, body, headers, allowPrivate: config.allowPrivateTargets });
  if (answer.status < 200 || answer.status >= 300) throw new Error(`it answered ${answer.status}`);
}
