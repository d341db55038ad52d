/**
 * Which requests are open right now, in a small file that survives a SIGKILL: so the next boot can name the inputs that
 * a server died with.
 *
 * One slot of fixed size per request, written with a single write(2) when it opens (about 1 µs), or with a store into
 * memory where the native part is there (about 0.1 µs). Without it nothing is written when a request ends: its slot is used
 * again by the next one, and what is left is wiped a moment later. In between, a slot may name a request that
 * had ended; its access record in the spool tells (see `report-open-requests.ts`).
 */
import { closeSync, mkdirSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { ownDirectory, requestsFile } from './filenames.js';
import { MappedFile } from './mapped-file.js';
import { loadNativeFor } from './native.js';
import { OPEN_SLOTS_MAX, OPEN_SLOT_BYTES, OPEN_WIPE_MS } from './limits.js';

interface OpenPlace {
  readonly traceId: string;
  readonly spanId: string;
}

interface OpenRequest extends OpenPlace {
  readonly method: string;
  /** Without the query, and without secrets. */
  readonly path: string;
}

export interface FoundRequest extends OpenRequest {
  /** When it began, by the clock of the process that died. */
  readonly startedMs: number;
}

export interface RequestsPlace {
  readonly root: string;
  readonly producer: string;
  readonly boot: string;
}

const HEADER_WORD = 'sillok-requests';
const OPEN_MARK = 'o';
const WIPED = Buffer.from('-');
const [WIPED_BYTE = 0] = WIPED;
const FILE_BYTES = (OPEN_SLOTS_MAX + 1) * OPEN_SLOT_BYTES;
/** What the fixed parts of a slot take; the rest is the path, of which a unit takes up to three bytes. */
const SLOT_FIXED_CHARACTERS = 96;
const PATH_CHARACTERS = Math.floor((OPEN_SLOT_BYTES - SLOT_FIXED_CHARACTERS) / 3);
const METHOD_CHARACTERS = 10;
const NO_SLOT = -1;

export class OpenRequests {
  readonly #place: RequestsPlace | undefined;
  readonly #buffer = Buffer.alloc(OPEN_SLOT_BYTES);
  /** Slots that can be used again, the last one freed first: the file stays small and warm. */
  readonly #free: number[] = [];
  #fd: number | undefined;
  /** Where the native part is there: then a slot costs a store into memory. */
  #mapped: MappedFile | undefined;
  #slots = 0;
  #startMs = 0;
  #start = '0';
  #count = 0;
  #hasFailed = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #stale = new Set<number>();

  constructor(place: RequestsPlace | undefined) {
    this.#place = place;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns what `close` wants back. The path is without the query, and without secrets. */
  open({ traceId, spanId }: OpenPlace, method: string, path: string): number {
    this.#count += 1;
    const slot = this.#take();
    if (slot === NO_SLOT) return slot;
    const shortPath = path.length <= PATH_CHARACTERS ? path : path.slice(0, PATH_CHARACTERS);
    const shortMethod = method.length <= METHOD_CHARACTERS ? method : method.slice(0, METHOD_CHARACTERS);
    const place = OPEN_MARK + ' ' + traceId + ' ' + spanId + ' ';
    const text = place + this.#startText() + ' ' + shortMethod + ' ' + shortPath + '\n';
    const memory = this.#memoryOf(slot);
    if (memory === undefined) this.#write(this.#buffer, this.#buffer.write(text, 'utf8'), slot);
    else memory.write(text, slot * OPEN_SLOT_BYTES, 'utf8');
    return slot;
  }

  close(slot: number): void {
    this.#count -= 1;
    if (slot === NO_SLOT) return;
    this.#free.push(slot);
    const memory = this.#memoryOf(slot);
    if (memory !== undefined) {
      memory[slot * OPEN_SLOT_BYTES] = WIPED_BYTE;
      return;
    }
    this.#stale.add(slot);
    this.#timer ??= setTimeout(() => this.#wipe(), OPEN_WIPE_MS).unref();
  }

  /** At a clean end: nothing is left behind unless requests are still open. */
  closeNow(): void {
    clearTimeout(this.#timer);
    if (this.#fd === undefined || this.#place === undefined) return;
    this.#wipe();
    this.#mapped?.unmap();
    this.#mapped = undefined;
    try {
      closeSync(this.#fd);
      if (this.#count <= 0) unlinkSync(requestsFile(this.#place.root, this.#place.boot));
    } catch {
      // The next boot looks at what is left.
    }
    this.#fd = undefined;
    this.#hasFailed = true;
  }

  #take(): number {
    const slot = this.#free.pop();
    if (slot !== undefined) {
      this.#stale.delete(slot);
      return slot;
    }
    if (this.#slots >= OPEN_SLOTS_MAX || !this.#isOpen()) return NO_SLOT;
    this.#slots += 1;
    return this.#slots;
  }

  /** The file is made when the first request comes: most processes never see one. */
  #isOpen(): boolean {
    if (this.#fd !== undefined) return true;
    if (this.#place === undefined || this.#hasFailed) return false;
    try {
      const { root, producer, boot } = this.#place;
      mkdirSync(ownDirectory(root), { recursive: true });
      this.#fd = openSync(requestsFile(root, boot), 'w+', 0o640);
      const native = loadNativeFor(ownDirectory(root));
      if (native !== undefined) this.#mapped = MappedFile.tryOpen(native, this.#fd, FILE_BYTES);
      const header = Buffer.from(`${HEADER_WORD} ${producer}\n`);
      const memory = this.#memoryOf(0);
      if (memory === undefined) this.#write(header, header.length, 0);
      else header.copy(memory);
      return true;
    } catch {
      this.#hasFailed = true;
      return false;
    }
  }

  /** Milliseconds since 1970. A busy server opens many requests in one, and the text of a large number is dear. */
  #startText(): string {
    const nowMs = Date.now();
    if (nowMs !== this.#startMs) {
      this.#startMs = nowMs;
      this.#start = String(nowMs);
    }
    return this.#start;
  }

  /** Undefined where a slot takes a system call, or has no room on the disk. */
  #memoryOf(slot: number): Buffer | undefined {
    try {
      return this.#mapped?.use((slot + 1) * OPEN_SLOT_BYTES);
    } catch {
      // As in `#write`.
      return undefined;
    }
  }

  #write(bytes: Buffer, length: number, slot: number): void {
    if (this.#fd === undefined || this.#mapped !== undefined) return;
    try {
      writeSync(this.#fd, bytes, 0, length, slot * OPEN_SLOT_BYTES);
    } catch {
      // A full disk costs the names of open requests, nothing else.
    }
  }

  #wipe(): void {
    this.#timer = undefined;
    for (const slot of this.#stale) this.#write(WIPED, WIPED.length, slot);
    this.#stale.clear();
  }
}

const SLOT_PATTERN = /^o ([0-9a-f]{32}) ([0-9a-f]{16}) ([0-9]{1,16}) (\S{1,10}) ([^\n]*)\n/;

export interface RequestsFile {
  readonly producer: string;
  readonly requests: readonly FoundRequest[];
}

/** Reads what another boot left; slots that are torn or wiped are passed over. */
export function parseRequests(bytes: Buffer): RequestsFile | undefined {
  const [word, producer] =
    bytes.subarray(0, OPEN_SLOT_BYTES).toString('utf8').split('\n')[0]?.split(' ') ?? [];
  if (word !== HEADER_WORD || producer === undefined) return undefined;
  const requests: FoundRequest[] = [];
  for (let offset = OPEN_SLOT_BYTES; offset < bytes.length; offset += OPEN_SLOT_BYTES) {
    const found = SLOT_PATTERN.exec(bytes.subarray(offset, offset + OPEN_SLOT_BYTES).toString('utf8'));
    if (found === null) continue;
    const [, traceId = '', spanId = '', startedMs = '', method = '', path = ''] = found;
    requests.push({ traceId, spanId, startedMs: Number(startedMs), method, path });
  }
  return { producer, requests };
}
