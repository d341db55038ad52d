/** Records in the browser's own DevTools: by level, foldable, and filtered there as developers are used to. */
import type { Envelope } from '@sillok/record';
import { MIRRORED_PER_DRAW_MAX } from '../../limits.js';
import { serviceOf, shown } from '../../text.js';

let mirrored = 0;
let windowStartMs = 0;

/** What is too fast for DevTools is counted there, not silently left out. */
export function mirror(record: Envelope): void {
  const now = Date.now();
  if (now - windowStartMs > 1000) {
    if (mirrored > MIRRORED_PER_DRAW_MAX) console.warn(`Sillok: … ${mirrored - MIRRORED_PER_DRAW_MAX} more`);
    mirrored = 0;
    windowStartMs = now;
  }
  mirrored += 1;
  if (mirrored > MIRRORED_PER_DRAW_MAX) return;
  // `%s` keeps a message from being read as a format.
  methodOf(record.level)(
    '%s %s %s',
    record.time.slice(11, 23),
    shown(serviceOf(record)),
    shown(record.message),
    record,
  );
}

function methodOf(level: Envelope['level']): typeof console.log {
  if (level === 'error' || level === 'fatal') return console.error;
  if (level === 'warn') return console.warn;
  return level === 'info' ? console.info : console.debug;
}
