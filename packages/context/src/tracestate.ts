/**
 * The `tracestate` header of W3C Trace Context: other vendors' positions in the trace, which we pass on.
 *
 * One bad member makes the whole list invalid (the specification's rule), and an invalid list is dropped while
 * `traceparent` is still used. Of a key that stands twice the first is kept. Keys follow Level 2, where an at sign may stand
 * anywhere but at the beginning. When the list is too long, long members go first and then those at the end.
 */
import {
  TRACESTATE_CHARACTERS_MAX,
  TRACESTATE_MEMBERS_MAX,
  TRACESTATE_MEMBER_CHARACTERS_LONG,
} from './limits.js';

export interface TraceStateMember {
  readonly key: string;
  readonly value: string;
}

const KEY = /^[a-z0-9][a-z0-9_\-*/@]{0,255}$/;
/** Printable ASCII but comma and equals sign; may not end in a space. */
const VALUE = /^[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** Members in the header's order, or undefined when the header breaks the grammar. */
export function parseTracestate(header: string): readonly TraceStateMember[] | undefined {
  const members: TraceStateMember[] = [];
  const seen = new Set<string>();
  for (const part of header.split(',')) {
    const text = trimOws(part);
    if (text === '') continue;
    const member = parseMember(text);
    if (member === undefined) return undefined;
    if (seen.has(member.key)) continue;
    seen.add(member.key);
    members.push(member);
    if (members.length > TRACESTATE_MEMBERS_MAX) return undefined;
  }
  return members;
}

export function formatTracestate(members: readonly TraceStateMember[]): string {
  const texts = members.slice(0, TRACESTATE_MEMBERS_MAX).map((member) => `${member.key}=${member.value}`);
  let total = texts.reduce((sum, text) => sum + text.length + 1, -1);
  for (let index = texts.length - 1; index >= 0 && total > TRACESTATE_CHARACTERS_MAX; index -= 1) {
    const length = texts[index]?.length ?? 0;
    if (length <= TRACESTATE_MEMBER_CHARACTERS_LONG) continue;
    texts.splice(index, 1);
    total -= length + 1;
  }
  while (total > TRACESTATE_CHARACTERS_MAX) total -= (texts.pop()?.length ?? 0) + 1;
  return texts.join(',');
}

function parseMember(text: string): TraceStateMember | undefined {
  const equals = text.indexOf('=');
  if (equals <= 0) return undefined;
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (!KEY.test(key)) return undefined;
  return VALUE.test(value) ? { key, value } : undefined;
}

/** Optional white space of HTTP is space and tab, not everything that `trim` takes. */
function trimOws(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '');
}
