/** Rows of PostgreSQL's csvlog: comma, double quotes doubled inside of quotes, lines inside of quotes. */

/** The fields of one row; undefined when a quote is open at its end or something stands behind a closing one. */
export function parseCsvRow(text: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = text[at] === '"' ? endOfQuoted(text, at) : endOfPlain(text, at);
    if (end === undefined) return undefined;
    const field = text.slice(at, end);
    fields.push(field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field);
    if (end === text.length) return fields;
    if (text[end] !== ',') return undefined;
    at = end + 1;
  }
}

/** Whether a quote is open at the end: then the next line belongs to the row. */
export function hasOpenQuote(lines: readonly string[]): boolean {
  let isOpen = false;
  for (const line of lines) {
    for (let at = line.indexOf('"'); at >= 0; at = line.indexOf('"', at + 1)) isOpen = !isOpen;
  }
  return isOpen;
}

function endOfQuoted(text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    if (text[at + 1] !== '"') return at + 1;
    at += 1;
  }
  return undefined;
}

function endOfPlain(text: string, start: number): number {
  const comma = text.indexOf(',', start);
  return comma < 0 ? text.length : comma;
}
