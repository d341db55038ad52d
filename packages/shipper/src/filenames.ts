/** What the shipper keeps in a spool's folder, beside the segments. */
import { cursorFile } from '@sillok/spool';

/** Held by the one shipper of the spool. */
export const SHIPPER_LOCK_FILE = 'shipper.lock';
/** Name of the cursor: how far the server has confirmed. */
export const CURSOR_NAME = 'shipper';
export const CURSOR_FILE = cursorFile(CURSOR_NAME);
/** One line per rejected record: seq, code, reason and the record's line. */
export const REJECT_FILE = 'rejected.ndjson';
