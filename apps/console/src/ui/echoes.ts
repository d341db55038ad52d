/**
 * Tells a value that comes back from one that is new. What somebody types goes up as a change and comes down again as a
 * property, sometimes only after the next key was pressed: put into the editor then, it would take that key away.
 */
import { ECHOES_MAX } from '../limits.js';

export class Echoes {
  #sent: string[] = [];

  /** The editor has reported this text. */
  sent(text: string): void {
    this.#sent.push(text);
    if (this.#sent.length > ECHOES_MAX) this.#sent.shift();
  }

  /** Whether this value is only what the editor said itself. Those said before it will not come back any more. */
  isEcho(value: string): boolean {
    const at = this.#sent.lastIndexOf(value);
    this.#sent = at < 0 ? [] : this.#sent.slice(at + 1);
    return at >= 0;
  }
}
