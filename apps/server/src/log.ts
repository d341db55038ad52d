/**
 * What the server says about itself, on stderr, one line per message. It is not a record: a server that logs into itself
 * would feed on its own failures. WARN means that nothing was lost; ERROR means that something needs a person.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

export type LogFields = Readonly<Record<string, unknown>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export function createLog(level: LogLevel, write: (line: string) => void = writeToStderr): Log {
  const lowest = RANKS[level];
  const at = (name: LogLevel) => (message: string, fields?: LogFields) => {
    if (RANKS[name] >= lowest) write(formatLine(name, message, fields));
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function writeToStderr(line: string): void {
  process.stderr.write(line);
}

function formatLine(level: LogLevel, message: string, fields: LogFields | undefined): string {
  let line = `${new Date().toISOString()} ${level.toUpperCase().padEnd(5)} ${message}`;
  for (const [key, value] of Object.entries(fields ?? {})) line += ` ${key}=${formatValue(value)}`;
  return `${line}\n`;
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(value.message);
  if (typeof value === 'bigint') return String(value);
  return JSON.stringify(value) ?? 'undefined';
}
