/**
 * The Merkle log over audit records: follows the queue's audit stream after each fsync and adds a leaf per record, in the
 * order in which the server took them, to the tree of its project.
 *
 * Everything here is derived from the queue, so a record is in the log as soon as it is acknowledged, whatever happens to
 * these files; a checkpoint only speaks of what was fsynced. Signing is in `checkpoints.ts`.
 */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Hash, NodeReader } from '@sillok/proof';
import { comparePositions, SPOOL_START, type SpoolPosition } from '@sillok/spool';

import { PROOF_STATE_FILE } from '../filenames.js';
import { RECENT_LEAVES_MAX } from '../limits.js';
import type { Log } from '../log.js';
import type { QueueHeader } from '../queue/header.js';
import type { Queue } from '../queue/queue.js';
import { readBatches, type ReadBatchBlock } from '../queue/read-batches.js';
import { forEachLeaf } from './leaf.js';
import { tryReadState, writeState, type TreesState } from './state-file.js';
import { TreeFiles } from './tree-files.js';

/** A record's place in its project's log. */
export interface LeafPlace {
  readonly index: number;
  readonly leaf: Hash;
}

/** A record by its identity, or by the id and outcome that its writer gave it. */
export type LeafName =
  | { readonly producer: string; readonly boot: string; readonly seq: number }
  | { readonly id: string; readonly outcome: string };

export interface AuditLogOptions {
  readonly directory: string;
  readonly queue: Pick<Queue, 'directoryOf' | 'synced'>;
  readonly log: Log;
}

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #trees = new Map<string, TreeFiles>();
  readonly #segments = new Map<number, Record<string, number>>();
  /** Places of the latest records by both their names. */
  readonly #recent = new Map<string, LeafPlace>();
  #position: SpoolPosition = SPOOL_START;
  #savedPosition: SpoolPosition | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    const state = tryReadState(this.#statePath);
    if (state === undefined || !this.#open(state)) this.#startAnew(state);
  }

  /** Takes in what was fsynced since. Cheap when there is nothing. */
  catchUp(): void {
    const until = this.#options.queue.synced('audit');
    if (comparePositions(this.#position, until) >= 0) return;
    const directory = this.#options.queue.directoryOf('audit');
    const onDamage = (damage: object) =>
      this.#options.log.error('the audit queue is damaged: its log cannot be what it was', { ...damage });
    for (const batch of readBatches({ directory, from: this.#position, until, onDamage })) this.#take(batch);
    for (const tree of this.#trees.values()) tree.write();
    this.#position = until;
  }

  projects(): string[] {
    return [...this.#trees.keys()].sort();
  }

  /** Of an empty log when the project has no audit records. */
  head(project: string): { readonly size: number; readonly root: Hash } {
    const tree = this.#tree(project);
    return { size: tree.size, root: tree.root() };
  }

  nodes(project: string): NodeReader {
    return this.#tree(project).node;
  }

  /** Where a record stands. Undefined when it is not in the log. Looks through the queue for older ones. */
  find(project: string, name: LeafName): LeafPlace | undefined {
    const recent = this.findRecent(project, name);
    if (recent !== undefined) return recent;
    const key = keyOf(project, name);
    let found: LeafPlace | undefined;
    this.#scan(project, (batch, first) => {
      let index = first;
      forEachLeaf(batch.header, batch.records, (leaf, line) => {
        if (keysOf(batch.header, line).includes(key)) found ??= { index, leaf };
        index += 1;
      });
      return found === undefined;
    });
    return found;
  }

  /** As `find`, without looking further than memory. */
  findRecent(project: string, name: LeafName): LeafPlace | undefined {
    return this.#recent.get(keyOf(project, name));
  }

  /** The trees on disk and the state that says so. */
  save(): void {
    if (this.#savedPosition !== undefined && comparePositions(this.#savedPosition, this.#position) === 0)
      return;
    for (const tree of this.#trees.values()) tree.sync();
    writeState(this.#statePath, {
      position: this.#position,
      sizes: Object.fromEntries([...this.#trees].map(([project, { size }]) => [project, size])),
      segments: Object.fromEntries(this.#segments),
    });
    this.#savedPosition = this.#position;
  }

  close(): void {
    this.save();
    for (const tree of this.#trees.values()) tree.close();
  }

  get #statePath(): string {
    return join(this.#options.directory, PROOF_STATE_FILE);
  }

  #take(batch: ReadBatchBlock): void {
    const { header, from, records } = batch;
    if (!this.#segments.has(from.segment)) {
      const sizes = [...this.#trees].map(([project, { size }]) => [project, size] as const);
      this.#segments.set(from.segment, Object.fromEntries(sizes));
    }
    const tree = this.#tree(header.project);
    forEachLeaf(header, records, (leaf, line) => {
      const place = { index: tree.size, leaf };
      for (const key of keysOf(header, line)) this.#remember(key, place);
      tree.append(leaf);
    });
  }

  #remember(key: string, place: LeafPlace): void {
    this.#recent.set(key, place);
    if (this.#recent.size <= RECENT_LEAVES_MAX) return;
    const [oldest] = this.#recent.keys();
    if (oldest !== undefined) this.#recent.delete(oldest);
  }

  /** Batches of a project with the index of their first leaf, until `look` answers false. */
  #scan(project: string, look: (batch: ReadBatchBlock, first: number) => boolean): void {
    const directory = this.#options.queue.directoryOf('audit');
    let index: number | undefined;
    for (const batch of readBatches({ directory, until: this.#position })) {
      index ??= this.#segments.get(batch.from.segment)?.[project] ?? 0;
      if (batch.header.project !== project) continue;
      if (!look(batch, index)) return;
      index += batch.header.count;
    }
  }

  #tree(project: string): TreeFiles {
    const known = this.#trees.get(project);
    if (known !== undefined) return known;
    const made = TreeFiles.tryOpen(this.#directoryOf(project), 0);
    if (made === undefined) throw new Error(`the Merkle tree of ${project} cannot be opened`);
    this.#trees.set(project, made);
    return made;
  }

  #directoryOf(project: string): string {
    return join(this.#options.directory, project);
  }

  #open(state: TreesState): boolean {
    for (const [project, size] of Object.entries(state.sizes)) {
      const tree = TreeFiles.tryOpen(this.#directoryOf(project), size);
      if (tree === undefined) return false;
      this.#trees.set(project, tree);
    }
    for (const [segment, sizes] of Object.entries(state.segments))
      this.#segments.set(Number(segment), { ...sizes });
    this.#position = state.position;
    this.#savedPosition = state.position;
    return true;
  }

  /** Empty trees, filled again from the queue. What has expired there cannot be proven any more, and that is said. */
  #startAnew(state: TreesState | undefined): void {
    const { directory, log } = this.#options;
    for (const tree of this.#trees.values()) tree.close();
    this.#trees.clear();
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.isDirectory()) rmSync(join(directory, entry.name), { recursive: true, force: true });
    }
    if (state === undefined) return;
    log.warn('the files of the Merkle trees are not whole: they are made again from the queue', {
      directory,
    });
  }
}

type Names = Pick<QueueHeader, 'project' | 'producer' | 'boot'>;

function keysOf(names: Names, line: Buffer): string[] {
  const { project, producer, boot } = names;
  const keys = [keyOf(project, { producer, boot, seq: seqOf(line) })];
  const text = line.toString('latin1');
  // Inside a JSON string a quote is escaped, so these can only be attributes.
  const id = /"audit\.id":"([^"\\]+)"/.exec(text)?.[1];
  const outcome = /"audit\.outcome":"([a-z_]+)"/.exec(text)?.[1];
  if (id !== undefined && outcome !== undefined) keys.push(keyOf(project, { id, outcome }));
  return keys;
}

function keyOf(project: string, name: LeafName): string {
  if ('id' in name) return `${project}\nentry\n${name.id}\n${name.outcome}`;
  return `${project}\n${name.producer}\n${name.boot}\n${name.seq}`;
}

/** A line in the queue is canonical: its number comes first. */
function seqOf(line: Buffer): number {
  return Number.parseInt(line.toString('latin1', 7, 24), 10);
}
