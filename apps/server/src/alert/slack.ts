/** A message as Slack's mrkdwn (and what takes the same, such as Mattermost): every text of a record is inert in it. */
import type { Message } from './message.js';

export function slackText(message: Message): string {
  const { mark, headline, title, facts, link, linkText, isList = false } = message;
  const lines = [
    `${mark} *${escapeSlack(headline).replaceAll('*', '∗')}*`,
    `\`${inCode(title)}\``,
    facts.map((fact) => (isList ? `• ${escapeSlack(fact)}` : escapeSlack(fact))).join(isList ? '\n' : ' · '),
    `<${escapeSlack(link).replaceAll('|', '%7C')}|${escapeSlack(linkText)}>`,
  ];
  return lines.join('\n');
}

/** In code nothing is formatted and no address becomes a link. An empty piece of code would show its marks. */
function inCode(text: string): string {
  return escapeSlack(text.replaceAll('`', 'ˋ')) || '–';
}

/** The three characters of Slack's grammar, and the mentions that other servers find in plain text. */
export function escapeSlack(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/@(?=channel|here|all|everyone)/gi, '@\u2060');
}
