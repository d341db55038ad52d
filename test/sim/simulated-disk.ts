/**
 * A disk in memory that behaves as badly as a real one may.
 *
 * What is written is readable at once. It is durable only after a datasync of the file, and a name only after a
 * sync of its folder. `loseUnsynced` is the power cut: of the writes since the last datasync an arbitrary choice
 * survives, torn at sectors, with zeros where later bytes survived and earlier ones did not; of the name changes
 * of a folder a prefix survives, as with a journal. A failed datasync marks the pages clean without having
 * written them, as Linux does: a later datasync "succeeds" and proves nothing.
 *
 * Every call asks `fault` first, with its number, so that a test can fail each call of a run in turn.
 */
import type { Disk, FileStat, MappedMemory } from '@sillok/spool';
import { dirname } from 'node:path';

export type Fault = 'EIO' | 'ENOSPC' | 'short' | 'crash';

/** The process died in this call; every later call says so too. */
export class SimulatedCrash extends Error {}

const SECTOR_BYTES = 64;
const DATASYNC_TURNS = 3;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

type Change = { readonly offset: number; readonly bytes: Uint8Array } | { readonly truncateTo: number };

interface Inode {
  content: Uint8Array;
  /** What a power cut leaves at least. */
  durable: Uint8Array;
  changes: Change[];
  modifiedMs: number;
  /** Memory over the file: every store into it is readable at once, and nothing of it is known to be durable. */
  mapped?: ArrayBuffer;
}

type Entry = Inode | 'directory';
type NameChange = { readonly path: string; readonly entry: Entry | undefined };

export class SimulatedDisk implements Disk {
  calls = 0;
  readonly log: string[] = [];
  fault: (call: number, name: string) => Fault | undefined = () => undefined;
  readonly #random: () => number;
  #names = new Map<string, Entry>([['/', 'directory']]);
  #durableNames = new Map<string, Entry>([['/', 'directory']]);
  #nameChanges: NameChange[] = [];
  #open = new Map<number, { inode: Inode }>();
  #nextFd = 3;
  #isDead = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The machine goes on with a new process: what was written is there, open files are closed. */
  restart(): void {
    this.#isDead = false;
    this.#open.clear();
    this.fault = () => undefined;
  }

  /** The power cut, then a restart. */
  loseUnsynced(): void {
    const kept = this.#nameChanges.slice(0, Math.floor(this.#random() * (this.#nameChanges.length + 1)));
    for (const change of kept) applyName(this.#durableNames, change);
    this.#names = new Map(this.#durableNames);
    this.#nameChanges = [];
    for (const entry of new Set(this.#names.values())) {
      if (entry === 'directory') continue;
      if (entry.mapped !== undefined) this.#tear(entry, entry.mapped);
      entry.durable = this.#survivors(entry);
      entry.content = entry.durable.slice();
      entry.changes = [];
    }
    this.restart();
  }

  /** For tests that damage a file. */
  content(path: string): Uint8Array {
    return this.#file(path).content;
  }

  replace(path: string, content: Uint8Array): void {
    const inode = this.#file(path);
    inode.content = content;
    inode.durable = content.slice();
    inode.changes = [];
  }

  paths(): string[] {
    return [...this.#names.keys()].toSorted();
  }

  create(path: string): number {
    this.#enter('create');
    if (this.#names.has(path)) throw systemError('EEXIST');
    if (this.#names.get(dirname(path)) !== 'directory') throw systemError('ENOENT');
    const inode: Inode = { content: new Uint8Array(), durable: new Uint8Array(), changes: [], modifiedMs: 0 };
    this.#name(path, inode);
    return this.#opened(inode);
  }

  /** What the kernel has written back by itself when the power goes is any choice of the sectors. */
  protected mapFile(path: string, bytes: number): MappedMemory {
    this.#enter('map');
    const memory = new ArrayBuffer(bytes);
    const content = new Uint8Array(memory);
    this.#name(path, { content, durable: content.slice(), changes: [], modifiedMs: 0, mapped: memory });
    return { bytes: memory, close: () => undefined };
  }

  openAppend(path: string): number {
    this.#enter('openAppend');
    return this.#opened(this.#file(path));
  }

  openRead(path: string): number {
    this.#enter('openRead');
    return this.#opened(this.#file(path));
  }

  write(fd: number, bytes: Uint8Array, range: { offset: number; length: number }): number {
    const inode = this.#inode(fd);
    // A copy: slice() of a Buffer would share the caller's memory, which it uses again.
    const piece = Uint8Array.from(bytes.subarray(range.offset, range.offset + range.length));
    const fault = this.#ask('write');
    // A crash or a short write may leave any part of the bytes.
    const length = fault === undefined ? piece.length : Math.floor(this.#random() * piece.length);
    const isWritten = fault === undefined || fault === 'short' || fault === 'crash';
    if (isWritten && length > 0) this.#append(inode, piece.subarray(0, length));
    if (fault !== undefined && fault !== 'short') this.#fail(fault);
    if (fault === 'short' && length === 0) throw systemError('ENOSPC');
    return length;
  }

  read(fd: number, into: Uint8Array, position: number): number {
    this.#enter('read');
    const bytes = this.#inode(fd).content.subarray(position, position + into.length);
    into.set(bytes);
    return bytes.length;
  }

  size(fd: number): number {
    this.#enter('size');
    return this.#inode(fd).content.length;
  }

  truncate(fd: number, bytes: number): void {
    this.#enter('truncate');
    const inode = this.#inode(fd);
    inode.content = applyChange(inode.content, { truncateTo: bytes });
    inode.changes.push({ truncateTo: bytes });
  }

  datasyncNow(fd: number): void {
    const inode = this.#inode(fd);
    const fault = this.#ask('datasync');
    if (fault === 'EIO' || fault === 'ENOSPC') inode.changes = [];
    if (fault !== undefined && fault !== 'short') this.#fail(fault);
    this.#makeDurable(inode, inode.changes.length);
  }

  /** Takes its time, and covers only what was written before the call. */
  async datasync(fd: number): Promise<void> {
    const inode = this.#inode(fd);
    const count = inode.changes.length;
    for (let turn = 0; turn < DATASYNC_TURNS; turn += 1) await nextTurn();
    const fault = this.#ask('datasync');
    if (fault === 'EIO' || fault === 'ENOSPC') inode.changes = inode.changes.slice(count);
    if (fault !== undefined && fault !== 'short') this.#fail(fault);
    this.#makeDurable(inode, count);
  }

  close(fd: number): void {
    this.#enter('close');
    if (!this.#open.delete(fd)) throw systemError('EBADF');
  }

  syncDirectoryNow(path: string): void {
    this.#enter('syncDirectory');
    const isHere = (change: NameChange) => dirname(change.path) === path;
    for (const change of this.#nameChanges.filter(isHere)) applyName(this.#durableNames, change);
    this.#nameChanges = this.#nameChanges.filter((change) => !isHere(change));
  }

  async syncDirectory(path: string): Promise<void> {
    await Promise.resolve();
    this.syncDirectoryNow(path);
  }

  rename(from: string, to: string): void {
    this.#enter('rename');
    const inode = this.#file(from);
    this.#name(from, undefined);
    this.#name(to, inode);
  }

  link(from: string, to: string): void {
    this.#enter('link');
    if (this.#names.has(to)) throw systemError('EEXIST');
    this.#name(to, this.#file(from));
  }

  unlink(path: string): void {
    this.#enter('unlink');
    this.#file(path);
    this.#name(path, undefined);
  }

  makeDirectory(path: string): string | undefined {
    this.#enter('makeDirectory');
    if (this.#names.has(path)) return undefined;
    const missing = [path];
    while (!this.#names.has(dirname(missing[0] ?? '/'))) missing.unshift(dirname(missing[0] ?? '/'));
    for (const directory of missing) this.#name(directory, 'directory');
    return missing[0];
  }

  removeDirectory(path: string): void {
    this.#enter('removeDirectory');
    if (this.list(path).length > 0) throw systemError('ENOTEMPTY');
    this.#name(path, undefined);
  }

  list(path: string): string[] {
    this.#enter('list');
    const children = [...this.#names.keys()].filter((each) => each !== '/' && dirname(each) === path);
    return children.map((each) => each.slice(path === '/' ? 1 : path.length + 1));
  }

  stat(path: string): FileStat | undefined {
    this.#enter('stat');
    const entry = this.#names.get(path);
    if (entry === undefined) return undefined;
    return entry === 'directory'
      ? { bytes: 0, modifiedMs: 0 }
      : { bytes: entry.content.length, modifiedMs: entry.modifiedMs };
  }

  exists(path: string): boolean {
    try {
      return this.stat(path) !== undefined;
    } catch (error) {
      if (error instanceof SimulatedCrash) throw error;
      return false;
    }
  }

  touch(path: string, timeMs: number): void {
    this.#enter('touch');
    this.#file(path).modifiedMs = timeMs;
  }

  #ask(name: string): Fault | undefined {
    if (this.#isDead) throw new SimulatedCrash('dead');
    this.calls += 1;
    this.log.push(name);
    return this.fault(this.calls, name);
  }

  #enter(name: string): void {
    const fault = this.#ask(name);
    // Half a rename or half an unlink does not exist: only writes can be short.
    if (fault !== undefined && fault !== 'short') this.#fail(fault);
  }

  #fail(fault: Fault): never {
    if (fault !== 'crash') throw systemError(fault);
    this.#isDead = true;
    throw new SimulatedCrash('crash');
  }

  #file(path: string): Inode {
    const entry = this.#names.get(path);
    if (entry === undefined || entry === 'directory') throw systemError('ENOENT');
    return entry;
  }

  #inode(fd: number): Inode {
    const open = this.#open.get(fd);
    if (open === undefined && this.#isDead) throw new SimulatedCrash('dead');
    if (open === undefined) throw systemError('EBADF');
    return open.inode;
  }

  #opened(inode: Inode): number {
    const fd = this.#nextFd;
    this.#nextFd += 1;
    this.#open.set(fd, { inode });
    return fd;
  }

  #name(path: string, entry: Entry | undefined): void {
    applyName(this.#names, { path, entry });
    this.#nameChanges.push({ path, entry });
  }

  #tear(inode: Inode, memory: ArrayBuffer): void {
    const now = new Uint8Array(memory);
    const left = inode.durable.slice();
    for (let at = 0; at < now.length; at += SECTOR_BYTES) {
      if (this.#random() < 0.5) left.set(now.subarray(at, at + SECTOR_BYTES), at);
    }
    inode.durable = left;
    delete inode.mapped;
  }

  #append(inode: Inode, bytes: Uint8Array): void {
    const change = { offset: inode.content.length, bytes };
    inode.content = applyChange(inode.content, change);
    inode.changes.push(change);
  }

  #makeDurable(inode: Inode, count: number): void {
    for (const change of inode.changes.slice(0, count)) inode.durable = applyChange(inode.durable, change);
    inode.changes = inode.changes.slice(count);
  }

  /** Some, all or none of the changes since the last datasync, torn at sectors. */
  #survivors(inode: Inode): Uint8Array {
    const style = this.#random();
    let content = inode.durable;
    for (const change of inode.changes) {
      if (style < 0.2) break;
      if (style < 0.5 && this.#random() < 0.2) break;
      if (style >= 0.8 || 'truncateTo' in change) content = applyChange(content, change);
      else if (this.#random() < 0.8) content = applyChange(content, this.#torn(change));
    }
    return content.slice();
  }

  #torn(change: { offset: number; bytes: Uint8Array }): Change {
    if (this.#random() < 0.7) return change;
    const sectors = Math.floor((this.#random() * change.bytes.length) / SECTOR_BYTES);
    return { offset: change.offset, bytes: change.bytes.slice(0, sectors * SECTOR_BYTES) };
  }
}

/** The same on a system that can map files into memory. */
export class MappingDisk extends SimulatedDisk {
  map(path: string, bytes: number): MappedMemory {
    return this.mapFile(path, bytes);
  }
}

function applyName(names: Map<string, Entry>, change: NameChange): void {
  if (change.entry === undefined) names.delete(change.path);
  else names.set(change.path, change.entry);
}

function applyChange(content: Uint8Array, change: Change): Uint8Array {
  if ('truncateTo' in change) return content.slice(0, change.truncateTo);
  const end = change.offset + change.bytes.length;
  const next = new Uint8Array(Math.max(content.length, end));
  next.set(content);
  next.set(change.bytes, change.offset);
  return next;
}

function systemError(code: string): Error {
  return Object.assign(new Error(`simulated ${code}`), { code, syscall: 'simulated' });
}

/** Mulberry32: small, fast, the same everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
