/**
 * Sets aside what a record cannot hold as it is: the text goes to `sillok.quarantine.<field>`, the reason to
 * `sillok.quarantine_reason.<field>`, and the record goes on. Long texts keep head, tail, size and hash.
 */
import type { QuarantineCode, Quarantined } from './errors.js';
import { KEY_BYTES_MAX, QUARANTINED_MAX, QUARANTINE_TEXT_BYTES_MAX } from './limits.js';
import { wellFormed } from './quote.js';
import { sha256Hex } from './sha256.js';
import type { FlatAttributes } from './types.js';

export const QUARANTINE_PREFIX = 'sillok.quarantine.';
export const QUARANTINE_REASON_PREFIX = 'sillok.quarantine_reason.';

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  // Three bytes at most for each UTF-16 unit: only a text that could be too long is measured.
  return encoder.encode(text).length;
}

/** A text with at most `keep` characters of its head and of its tail, and in between its size and hash. */
export function cutText(text: string, keep: number): { text: string; bytes: number; sha256: string } {
  const encoded = encoder.encode(text);
  const sha256 = sha256Hex(encoded);
  const marker = `…[cut: ${encoded.length} bytes, sha256 ${sha256}]…`;
  const cut = `${text.slice(0, keep)}${marker}${text.slice(text.length - keep)}`;
  return { text: wellFormed(cut), bytes: encoded.length, sha256 };
}

/** A field's name, short enough to be part of a path. */
function fieldName(field: string): string {
  const name = wellFormed(field);
  return name.length * 3 <= KEY_BYTES_MAX / 2 ? name : `${wellFormed(name.slice(0, 64))}…`;
}

export class Quarantine {
  readonly list: Quarantined[] = [];
  readonly #attributes: FlatAttributes;

  constructor(attributes: FlatAttributes) {
    this.#attributes = attributes;
  }

  /**
   * Notes that `field` was not kept as it was. `text`: what was there, unless it stands elsewhere in the
   * record.
   */
  add(field: string, reason: QuarantineCode, text?: string): void {
    if (this.list.length >= QUARANTINED_MAX) return;
    let name = fieldName(field);
    while (QUARANTINE_REASON_PREFIX + name in this.#attributes) name += '#';
    this.list.push({ field, reason });
    this.#attributes[QUARANTINE_REASON_PREFIX + name] = reason;
    if (text !== undefined) this.#attributes[QUARANTINE_PREFIX + name] = shorten(text);
  }
}

function shorten(text: string): string {
  if (text.length * 3 <= QUARANTINE_TEXT_BYTES_MAX || byteLength(text) <= QUARANTINE_TEXT_BYTES_MAX)
    return text;
  return cutText(text, QUARANTINE_TEXT_BYTES_MAX / 8).text;
}
