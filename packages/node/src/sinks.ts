/** The places that lines can go to: the spool, memory, standard error when there is no disk, and a printer besides. */
import { writeSync } from 'node:fs';
import type { SpoolPosition, SpoolWriter } from '@sillok/spool';
import { MEMORY_RECORDS_MAX } from './limits.js';
import type { Sink } from './recorder.js';

/** A spool that has failed for good takes nothing more: its records go where those go that never had one. */
export function spoolSink(writer: SpoolWriter): Sink {
  const elsewhere = stderrSink();
  return {
    append: (line) => (writer.failure === undefined ? writer.append(line) : elsewhere.append(line)),
    appendAll: (lines) =>
      writer.failure === undefined ? writer.appendAll(lines) : elsewhere.appendAll(lines),
    get isDear() {
      return !writer.isStaged || writer.failure !== undefined;
    },
    sync: () => writer.sync(),
    confirm: () => writer.confirm(),
    syncNow: () => void writer.syncNow(),
    close: () => writer.close(),
  };
}

/** Keeps the last lines in memory: for tests. */
export interface MemorySink extends Sink {
  readonly lines: string[];
  onLine: ((line: string) => void) | undefined;
}

export function memorySink(): MemorySink {
  const lines: string[] = [];
  const sink: MemorySink = {
    lines,
    onLine: undefined,
    append: (line) => {
      if (lines.length >= MEMORY_RECORDS_MAX) lines.shift();
      lines.push(line);
      sink.onLine?.(line);
    },
    appendAll: (all) => all.forEach((line) => sink.append(line)),
    isDear: true,
    sync: async () => undefined,
    confirm: async () => undefined,
    syncNow: () => undefined,
    close: async () => undefined,
  };
  return sink;
}

/** Nowhere: `SILLOK_DISABLED=1`. */
export function nowhereSink(): Sink {
  return {
    append: () => undefined,
    appendAll: () => undefined,
    isDear: false,
    sync: async () => undefined,
    confirm: async () => undefined,
    syncNow: () => undefined,
    close: async () => undefined,
  };
}

const STDERR_FD = 2;

/** Better on the terminal or in the container's log than nowhere. */
export function stderrSink(): Sink {
  return {
    append: (line) => void writeSync(STDERR_FD, `${line}\n`),
    appendAll: (lines) => void writeSync(STDERR_FD, `${lines.join('\n')}\n`),
    isDear: true,
    sync: async () => undefined,
    confirm: async () => undefined,
    syncNow: () => undefined,
    close: async () => undefined,
  };
}

/** `first`, and each line that it has kept is shown by `print` too. */
export function printingSink(first: Sink, print: (line: string) => void): Sink {
  return {
    append: (line) => {
      first.append(line);
      print(line);
    },
    appendAll: (lines) => {
      first.appendAll(lines);
      lines.forEach(print);
    },
    isDear: true,
    sync: (): Promise<SpoolPosition | undefined> => first.sync(),
    confirm: (): Promise<SpoolPosition | undefined> => first.confirm(),
    syncNow: () => first.syncNow(),
    close: () => first.close(),
  };
}
