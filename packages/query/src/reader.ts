/** What readers of the tree share: the text, the errors found so far, and the fields that were used. */
import type { SyntaxNode } from '@lezer/common';
import type { QueryError } from './errors.js';
import type { Explanation } from './explanations.js';
import { fieldOf } from './fields.js';
import { QUERY_ERRORS_MAX } from './limits.js';
import type { Field, FieldUse } from './plan.js';

export class Reader {
  readonly text: string;
  readonly errors: QueryError[] = [];
  readonly fields: FieldUse[] = [];

  constructor(text: string) {
    this.text = text;
  }

  slice(node: SyntaxNode): string {
    return this.text.slice(node.from, node.to);
  }

  fail(node: SyntaxNode, explanation: Explanation): void {
    if (this.errors.length < QUERY_ERRORS_MAX)
      this.errors.push({ from: node.from, to: node.to, ...explanation });
  }

  /** The field that a name at this place means. */
  field(node: SyntaxNode, name: string): Field {
    const field = fieldOf(name);
    this.fields.push({ field, from: node.from, to: node.from + this.slice(node).replace(/:$/, '').length });
    return field;
  }

  /** Name of a field, function or column, with or without quotes. */
  name(node: SyntaxNode): string {
    const raw = this.slice(node).replace(/:$/, '');
    return raw.startsWith('"') ? unquote(raw) : unescapeName(raw);
  }
}

/** Text between quotes: `\"` and `\\` stand for the character, any other backslash for itself. */
export function unquote(raw: string): string {
  return raw.slice(1, -1).replace(/\\(["\\])/g, '$1');
}

/** In a name a backslash before `.` or `\` belongs to the path of an attribute; before others it only quotes. */
function unescapeName(raw: string): string {
  return raw.replace(/\\([^.\\])/g, '$1');
}
