/**
 * Text of records made harmless for a terminal. A log line is written by whoever sent the request: an escape sequence
 * in it could clear the screen, rename the window or, in some terminals, type commands.
 *
 * Control characters become the pictures that Unicode has for them, so that they are seen and not obeyed; so do the
 * invisible characters that reorder text. Nothing is left out.
 */

// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

/** One line, whatever the text holds: line ends are pictures too. */
export function safeLine(text: string): string {
  return text.replace(UNSAFE, picture);
}

/** Several lines: `\n` and tabs stay (as spaces), all else is as in `safeLine`. */
export function safeLines(text: string): string[] {
  return text.split(/\r?\n/).map((line) => safeLine(line.replaceAll('\t', '    ')));
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
