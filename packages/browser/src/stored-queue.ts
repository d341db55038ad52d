/**
 * Lines that could not be delivered before their page ended, kept in `localStorage` with consent only, and sent by the next
 * page under the name of the page that wrote them. What the server has already is known there by its number.
 */
import { STORED_CHARACTERS_MAX, STORED_QUEUES_MAX } from './stored-queue-limits.js';
import type { Sender } from './sender.js';

const PREFIX = 'sillok.queue.';

export function keepQueue({ header, boot }: Sender, lines: readonly string[]): void {
  if (lines.length === 0) return;
  let text = header;
  for (const line of lines) {
    if (text.length + line.length > STORED_CHARACTERS_MAX) break;
    text += `\n${line}`;
  }
  localStorage.setItem(PREFIX + boot, text);
}

export function sendKeptQueues(sender: Sender): void {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    // Boots sort by their time: the latest are worth most.
    keys.sort().reverse();
    keys.forEach((key, index) => {
      const text = localStorage.getItem(key) ?? '';
      if (index >= STORED_QUEUES_MAX) localStorage.removeItem(key);
      else void sender.sendOther(text).then((taken) => taken && localStorage.removeItem(key));
    });
  } catch {
    // Storage is forbidden here; then nothing was kept either.
  }
}
