/** Where alerts and reports are told: a Slack-compatible webhook, a Slack bot (whose messages can be edited), mail. */
import { alertTargetBody, type AlertTarget } from '@sillok/api';

import type { Config } from '../config.js';
import { createShelf, type Shelf } from '../settings/objects.js';
import type { Settings } from '../settings/settings.js';
import { DeliveryError } from './errors.js';
import { guardedPost } from './guarded-post.js';
import { createMailer, mailParts, type Mailer } from './mail.js';
import type { Message } from './message.js';
import { slackText } from './slack.js';

export interface Told {
  readonly message: Message;
  /** Names this message for ever: `<alert>.<what>`; the first one of a thread is `<alert>`. */
  readonly id: string;
  /** What an earlier delivery of the same alert answered. */
  readonly ref: string | undefined;
}

export interface Targets {
  readonly shelf: Shelf<AlertTarget>;
  /** Tells one message; the answer names it, where it can be edited later. Throws a `DeliveryError`. */
  tell(target: AlertTarget, told: Told): Promise<string | undefined>;
  close(): void;
}

/** A message there can be replaced by its newer state. */
export function canEdit({ kind }: AlertTarget): boolean {
  return kind === 'slack_bot';
}

export function createTargets(config: Config, settings: Settings): Targets {
  const shelf = createShelf<AlertTarget>(settings, 'alert_target', alertTargetBody);
  const mailer = createMailer(config);
  return {
    shelf,
    tell(target, told) {
      switch (target.kind) {
        case 'slack_webhook':
          return tellWebhook(config, target.url, told);
        case 'slack_bot':
          return tellBot(config, target, told);
        case 'mail':
          return tellMail(mailer, target.to, told);
      }
    },
    close: () => mailer?.close(),
  };
}

async function tellWebhook(config: Config, url: string, { message, id }: Told): Promise<undefined> {
  const body = JSON.stringify({ text: slackText(message), unfurl_links: false });
  const headers = { 'x-sillok-delivery': id };
  const answer = await guardedPost({ url, body, headers, allowPrivate: config.allowPrivateTargets });
  if (answer.status >= 200 && answer.status < 300) return undefined;
  const { retryAfterMs } = answer;
  throw new DeliveryError('target_answered', `it answered ${answer.status}`, { retryAfterMs });
}

type Bot = Extract<AlertTarget, { kind: 'slack_bot' }>;

/** `ref` is `channel ts`, by which Slack names a message. */
async function tellBot(config: Config, bot: Bot, { message, ref }: Told): Promise<string> {
  const [channel = bot.channel, ts] = ref?.split(' ') ?? [];
  const method = ts === undefined ? 'chat.postMessage' : 'chat.update';
  const answer = await guardedPost({
    url: `${config.slackApiUrl.replace(/\/+$/, '')}/${method}`,
    body: JSON.stringify({
      channel,
      text: slackText(message),
      unfurl_links: false,
      ...(ts !== undefined && { ts }),
    }),
    headers: { authorization: `Bearer ${bot.token}` },
    allowPrivate: config.allowPrivateTargets,
  });
  const { retryAfterMs } = answer;
  const said = answerOf(answer.text);
  if (answer.status === 200 && said.ok === true)
    return `${String(said.channel ?? channel)} ${String(said.ts ?? ts ?? '')}`;
  const reason = typeof said.error === 'string' ? said.error.slice(0, 100) : `it answered ${answer.status}`;
  throw new DeliveryError('target_answered', reason, { retryAfterMs });
}

function answerOf(text: string): { ok?: unknown; ts?: unknown; channel?: unknown; error?: unknown } {
  try {
    const said: unknown = JSON.parse(text);
    return said !== null && typeof said === 'object' ? said : {};
  } catch {
    return {};
  }
}

async function tellMail(
  mailer: Mailer | undefined,
  to: readonly string[],
  { message, id, ref }: Told,
): Promise<string> {
  if (mailer === undefined) throw new DeliveryError('mail_not_configured', 'SILLOK_SMTP_URL is not set');
  try {
    await mailer.send({ to, id, ...mailParts(message), ...(ref !== undefined && { inReplyTo: ref }) });
  } catch (cause) {
    throw new DeliveryError('mail_failed', cause instanceof Error ? cause.message : String(cause), { cause });
  }
  return ref ?? id;
}
