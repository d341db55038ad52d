/** Says that the server is waited for: once in a while, not once per batch and attempt. */
import { WAIT_NOTE_MS } from '../limits.js';
import { safeLine } from './safe-text.js';

export function createWaitNote(note: (text: string) => void): (error: Error) => void {
  let lastMs = 0;
  return (error) => {
    if (Date.now() - lastMs < WAIT_NOTE_MS) return;
    lastMs = Date.now();
    note(`waiting for the server: ${safeLine(error.message)}`);
  };
}
