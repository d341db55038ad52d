/** Mail: one message as text and as HTML, through the SMTP server of the settings. */
import nodemailer, { type Transporter } from 'nodemailer';

import type { Config } from '../config.js';
import { DELIVERY_TIME_MS_MAX } from './limits.js';
import { visible, type Message } from './message.js';

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** The same for the same message, so that one which was sent twice is shown once by those who look at it. */
  readonly id: string;
  /** Id of the first mail of the same alert: they are shown together. */
  readonly inReplyTo?: string;
}

export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Undefined without an SMTP server. */
export function createMailer({ smtpUrl, mailFrom }: Config): Mailer | undefined {
  if (smtpUrl === '') return undefined;
  const transport: Transporter = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: DELIVERY_TIME_MS_MAX,
    greetingTimeout: DELIVERY_TIME_MS_MAX,
    socketTimeout: DELIVERY_TIME_MS_MAX,
    // A text of a record never names a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ to, subject, text, html, id, inReplyTo }) {
      await transport.sendMail({
        from: mailFrom,
        to: [...to],
        subject: visible(subject),
        text,
        html,
        messageId: messageId(id),
        ...(inReplyTo !== undefined && { inReplyTo: messageId(inReplyTo), references: messageId(inReplyTo) }),
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      });
    },
    close: () => transport.close(),
  };
}

function messageId(id: string): string {
  return `<${id.replace(/[^\w.-]/g, '_')}@sillok.invalid>`;
}

export function mailParts({ headline, title, facts, link, linkText, mark }: Message) {
  const text = [headline, '', title, '', ...facts, '', `${linkText}: ${link}`, ''].join('\n');
  const html = [
    `<p><strong>${escapeHtml(headline)}</strong></p>`,
    `<p><code>${escapeHtml(title)}</code></p>`,
    `<p>${facts.map(escapeHtml).join('<br>')}</p>`,
    `<p><a href="${escapeHtml(link)}">${escapeHtml(linkText)}</a></p>`,
  ].join('\n');
  return { subject: `${mark} ${headline}: ${title}`.slice(0, 200), text, html };
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
