/**
 * A message as Slack shows it: the text that a webhook was really given, its mrkdwn turned into a page as Slack's own reference
 * says (https://docs.slack.dev/messaging/formatting-message-text): code, bold, `<address|text>`, three escaped characters.
 */
import type { Page } from 'playwright-core';

/** What has a meaning in mrkdwn; everything else is text. Links come before the rest, as Slack reads them. */
const MARKS = /`([^`\n]+)`|<([^>|\s]+)\|([^>]*)>|<([^>\n]+)>|\*([^*\n]+)\*|\n/g;

/** Texts have `&`, `<` and `>` escaped as HTML has them; only quotes are left. */
function inHtml(text: string): string {
  return text.replaceAll('"', '&quot;');
}

export function slackHtml(text: string): string {
  let html = '';
  let from = 0;
  for (const mark of text.matchAll(MARKS)) {
    html += inHtml(text.slice(from, mark.index)) + markHtml(mark);
    from = mark.index + mark[0].length;
  }
  return html + inHtml(text.slice(from));
}

function markHtml([, code, address, label, other, bold]: RegExpExecArray): string {
  if (code !== undefined) return `<code>${inHtml(code)}</code>`;
  if (address !== undefined) return `<a href="${inHtml(address)}">${inHtml(label ?? '')}</a>`;
  // A mention, or an address without a text: nothing of ours has one, and a test would see it.
  if (other !== undefined) return `<b class="mention">${inHtml(other)}</b>`;
  return bold === undefined ? '<br>' : `<strong>${inHtml(bold)}</strong>`;
}

/** Shows a message in a channel, in the page's own window. */
export async function showMessage(page: Page, text: string): Promise<void> {
  // Slack is no page of ours: what was open before has no say here.
  await page.goto('about:blank');
  const style = 'body{font:15px/1.46 sans-serif;margin:16px;overflow-wrap:anywhere}';
  await page.setContent(
    `<!doctype html><meta name="viewport" content="width=device-width"><style>${style}</style>` +
      `<h1>#ops</h1><article>${slackHtml(text)}</article>`,
  );
}
