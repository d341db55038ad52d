/** Puts text on the clipboard and says so. */
import { say } from '../words/dictionary.js';
import { frameWords } from '../words/frame.js';
import { toast } from './toast.js';

export async function copyText(text: string): Promise<void> {
  const words = say(frameWords);
  try {
    await navigator.clipboard.writeText(text);
    toast(words.copied);
  } catch {
    toast(words.copyFailed, 'failed');
  }
}
