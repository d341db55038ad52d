/** `key=value key="with spaces"`, as Heroku, Grafana and slog's text handler write it. */

const PAIR = /\s*([A-Za-z_][\w.@/-]*)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))(?=\s|$)/y;

/** One of these makes it a log line and not a sentence with an equals sign in it. */
const TELLTALE = ['level', 'lvl', 'severity', 'msg', 'message', 'time', 'ts', 'timestamp'];

/** Nothing unless the whole line is pairs, at least two of them, one of them a field that logs have. */
export function tryLogfmt(line: string): { [key: string]: unknown } | undefined {
  if (!line.includes('=')) return undefined;
  const text = line.trimEnd();
  const fields: { [key: string]: unknown } = Object.create(null);
  let count = 0;
  PAIR.lastIndex = 0;
  while (PAIR.lastIndex < text.length) {
    const match = PAIR.exec(text);
    if (!match) return undefined;
    fields[match[1] ?? ''] = match[2] === undefined ? bareValue(match[3] ?? '') : unquote(match[2]);
    count += 1;
  }
  return count >= 2 && TELLTALE.some((key) => key in fields) ? fields : undefined;
}

function unquote(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}

/** Numbers and booleans that would be written the same way again; anything else is text. */
function bareValue(text: string): unknown {
  if (text === 'true') return true;
  if (text === 'false') return false;
  const number = Number(text);
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text;
}
