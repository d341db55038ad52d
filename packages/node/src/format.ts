/**
 * printf as pino has it: `%s %d %i %f %j %o %O %c %%`. Total: a value that cannot be shown says so.
 * Arguments without a placeholder are left out, as pino does; fields belong into the object before the message.
 */
import { FORMAT_TEXT_CHARACTERS_MAX } from './limits.js';

const PLACEHOLDER = /%[sdifjoOc%]/g;

export function formatMessage(template: string, values: readonly unknown[]): string {
  if (values.length === 0) return template;
  let index = 0;
  return template.replace(PLACEHOLDER, (found) => {
    if (found === '%%') return '%';
    if (index >= values.length) return found;
    const value = values[index];
    index += 1;
    return textOf(found, value);
  });
}

function textOf(placeholder: string, value: unknown): string {
  try {
    switch (placeholder) {
      case '%d':
      case '%f':
        return String(Number(value));
      case '%i':
        return String(Math.floor(Number(value)));
      case '%j':
      case '%o':
      case '%O':
        return jsonOf(value);
      case '%c':
        return '';
      default:
        return stringOf(value);
    }
  } catch {
    return '[unreadable]';
  }
}

function stringOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return jsonOf(value);
  return String(value);
}

function jsonOf(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof Error) return value.stack ?? `${value.name}: ${value.message}`;
  const text = JSON.stringify(value) ?? String(value);
  if (text.length <= FORMAT_TEXT_CHARACTERS_MAX) return text;
  return `${text.slice(0, FORMAT_TEXT_CHARACTERS_MAX)}… (${text.length} characters)`;
}
