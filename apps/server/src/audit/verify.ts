/**
 * Holds the audit log of a data folder against checkpoints that were kept elsewhere: offline, from the queue's segments alone,
 * with nothing of the server running. What does not fit is located: by the hashes that the server kept where those are still
 * honest, else between the last checkpoint that fits and the first that does not.
 *
 * What this proves and what it does not: docs/guides/audit-proof.md.
 */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import {
  Frontier,
  HASH_BYTES,
  isKeyChange,
  openNote,
  splitNotes,
  trustedKeys,
  tryCheckpoint,
  type Hash,
  type NoteVerifier,
} from '@sillok/proof';
import { listSegments, type Damage } from '@sillok/spool';

import { dataPaths, KEY_CHANGES_FILE, PROOF_STATE_FILE } from '../filenames.js';
import { VERIFY_SEGMENTS_MIN } from '../limits.js';
import { forEachLeaf } from './leaf.js';
import { locate, type AuditFinding, type FoundRecord } from './locate.js';
import { readEntries } from './read-entries.js';
import { leavesOfSegment, type SegmentLeaves } from './segment-leaves.js';
import { segmentsByThreads } from './segment-threads.js';
import { tryReadLeaves } from './stored-leaves.js';
import { tryReadState } from './state-file.js';

export interface HeldCheckpoint {
  readonly project: string;
  readonly size: number;
  readonly root: Hash;
  /** When it was signed, as it says itself. */
  readonly time: string | undefined;
}

export interface HeldCheckpoints {
  readonly checkpoints: readonly HeldCheckpoint[];
  /** Notes that are no checkpoints of a trusted key, and why: somebody exchanged them, or the key is missing. */
  readonly refused: readonly { readonly note: string; readonly reason: string }[];
}

export interface ProjectVerdict {
  readonly project: string;
  /** Records found. */
  readonly size: number;
  /** Records before these of which only the hashes are there: retention removed their segments, or somebody did. */
  readonly expired: number;
  /** By when all of those had been taken in, as the first held checkpoint over them says: more than retention explains is no retention. */
  readonly expired_by: string | null;
  /** Of all of them, as many as the held checkpoints speak of and fit. */
  readonly covered: number;
  readonly checkpoints: number;
  readonly findings: readonly AuditFinding[];
}

export interface AuditVerdict {
  readonly projects: readonly ProjectVerdict[];
  /** Of the segments themselves: a checksum that does not fit. */
  readonly damage: readonly Damage[];
}

/**
 * Text of one or more notes, each ended by an empty line as the server writes them, and of changes of the key among them or in
 * `keyChanges`: those prove themselves by the key before, so they may come from the folder that is judged.
 */
export function readHeld(
  texts: readonly string[],
  trusted: readonly string[],
  keyChanges: string = '',
): HeldCheckpoints {
  const notes = texts.flatMap(splitNotes);
  const told = [...notes.filter(isKeyChange), keyChanges].join('\n\n');
  const given = trustedKeys(trusted.join('\n'), told);
  const checkpoints: HeldCheckpoint[] = [];
  const refused: { note: string; reason: string }[] = [];
  for (const reason of given.problems) refused.push({ note: 'a signing key', reason });
  for (const note of notes) {
    if (isKeyChange(note)) continue;
    const held = heldOf(note, given.verifiers);
    if (typeof held === 'string') refused.push({ note: note.split('\n', 1)[0] ?? '', reason: held });
    else checkpoints.push(held);
  }
  return { checkpoints, refused };
}

/** The changes of the signing key as a data folder tells them. */
export function keyChangesIn(dataDirectory: string): string {
  const path = join(dataPaths(dataDirectory).proof, KEY_CHANGES_FILE);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function heldOf(note: string, verifiers: readonly NoteVerifier[]): HeldCheckpoint | string {
  const opened = openNote(note, verifiers);
  if (!opened.ok) return opened.reason;
  const checkpoint = tryCheckpoint(opened.text);
  if (checkpoint === undefined) return 'this is not a checkpoint';
  const [, project] = /^[^/]+\/([a-z0-9][a-z0-9_-]*)\/audit$/.exec(checkpoint.origin) ?? [];
  if (project === undefined) return `"${checkpoint.origin}" does not name an audit log`;
  const isOwn = opened.signatures.some(({ verifier }) => checkpoint.origin.startsWith(`${verifier.name}/`));
  if (!isOwn) return 'the log itself has not signed it';
  const { size, root, extensions } = checkpoint;
  const time = extensions.find((line) => line.startsWith('time '))?.slice('time '.length);
  return { project, size, root, time };
}

/** One project's records while they are read. */
interface Reading {
  readonly frontier: Frontier;
  readonly roots: Map<number, Hash>;
  /** In whose place hashes stand. */
  readonly expired: readonly Hash[];
}

/**
 * `threads`: over how many the hashing of records is spread; the tree itself is made by this one. A small log is not worth any.
 */
export async function verifyAuditLog(
  dataDirectory: string,
  held: readonly HeldCheckpoint[],
  threads: number = availableParallelism(),
): Promise<AuditVerdict> {
  const sizes = new Map<string, Set<number>>();
  for (const { project, size } of held) {
    const list = sizes.get(project) ?? new Set<number>();
    sizes.set(project, list.add(size));
  }
  const { readings, damage } = await readAll({ dataDirectory, sizes, threads });
  const projects = [...new Set([...readings.keys(), ...sizes.keys()])].sort();
  return {
    projects: projects.map((project) => {
      const reading = readings.get(project) ?? startReading(dataDirectory, project, sizes.get(project));
      const own = held.filter((each) => each.project === project).sort((a, b) => a.size - b.size);
      return verdictOf({ dataDirectory, project, reading, held: own });
    }),
    damage,
  };
}

interface ReadParts {
  readonly dataDirectory: string;
  readonly sizes: ReadonlyMap<string, ReadonlySet<number>>;
  readonly threads: number;
}

interface ReadLog {
  readonly readings: Map<string, Reading>;
  readonly damage: readonly Damage[];
}

async function readAll({ dataDirectory, sizes, threads }: ReadParts): Promise<ReadLog> {
  const directory = auditQueue(dataDirectory);
  const segments = listSegments({ directory }).map(({ segment }) => segment);
  const readings = new Map<string, Reading>();
  const damage: Damage[] = [];
  const take = (found: SegmentLeaves): void => {
    damage.push(...found.damage);
    let at = 0;
    for (const { project, count } of found.runs) {
      let reading = readings.get(project);
      if (reading === undefined) {
        reading = startReading(dataDirectory, project, sizes.get(project));
        readings.set(project, reading);
      }
      const end = at + count * HASH_BYTES;
      append(reading, found.leaves.subarray(at, end), sizes.get(project));
      at = end;
    }
  };
  if (threads > 1 && segments.length >= VERIFY_SEGMENTS_MIN) {
    for await (const found of segmentsByThreads({ directory, segments, threads })) take(found);
  } else {
    for (const segment of segments) take(leavesOfSegment(directory, segment));
  }
  return { readings, damage };
}

function append({ frontier, roots }: Reading, leaves: Buffer, wanted: ReadonlySet<number> | undefined): void {
  // Up to each size that a checkpoint speaks of, and then the rest.
  const from = frontier.size;
  const to = from + leaves.length / HASH_BYTES;
  const stops = [...(wanted ?? [])].filter((size) => size > from && size <= to).sort((a, b) => a - b);
  for (const stop of [...stops, to]) {
    frontier.appendAll(leaves.subarray((frontier.size - from) * HASH_BYTES, (stop - from) * HASH_BYTES));
    if (wanted?.has(stop) === true) roots.set(stop, frontier.root());
  }
}

/** Where segments have expired, their hashes stand in for them: they were kept for that. */
function startReading(
  dataDirectory: string,
  project: string,
  wanted: ReadonlySet<number> | undefined,
): Reading {
  const { proof } = dataPaths(dataDirectory);
  const count = expiredIn(dataDirectory, project);
  const expired = count === 0 ? [] : (tryReadLeaves(proof, project, count) ?? []);
  const frontier = new Frontier();
  const reading: Reading = { frontier, roots: new Map([[0, frontier.root()]]), expired };
  append(reading, Buffer.from(expired.join(''), 'latin1'), wanted);
  return reading;
}

/** Records of a project before the first segment that is there. */
function expiredIn(dataDirectory: string, project: string): number {
  const first = firstSegment(dataDirectory);
  const state = first > 1 ? tryReadState(join(dataPaths(dataDirectory).proof, PROOF_STATE_FILE)) : undefined;
  if (state === undefined) return 0;
  // A segment in which nothing was recorded has no line there; the next one begins where it would.
  const later = Object.keys(state.segments)
    .map(Number)
    .filter((segment) => segment >= first);
  const sizes = later.length === 0 ? state.sizes : state.segments[String(Math.min(...later))];
  return sizes?.[project] ?? 0;
}

function firstSegment(dataDirectory: string): number {
  return listSegments({ directory: auditQueue(dataDirectory) })[0]?.segment ?? 1;
}

interface ProjectParts {
  readonly dataDirectory: string;
  readonly project: string;
  readonly reading: Reading;
  readonly held: readonly HeldCheckpoint[];
}

function verdictOf({ dataDirectory, project, reading, held }: ProjectParts): ProjectVerdict {
  const { size } = reading.frontier;
  const expired = reading.expired.length;
  const over = expired === 0 ? undefined : held.find((each) => each.size >= expired);
  const isGood = (each: HeldCheckpoint): boolean => reading.roots.get(each.size) === each.root;
  const bad = held.find((each) => !isGood(each));
  const covered = held.filter(isGood).at(-1)?.size ?? 0;
  const base = {
    ...{ project, size: size - expired, checkpoints: held.length },
    ...{ expired, expired_by: over?.time ?? null },
  };
  if (bad === undefined) return { ...base, covered, findings: [] };
  // Everything before the first checkpoint that does not fit is as it was; nothing after it can be trusted as a whole.
  const fits = held.filter((each) => each.size < bad.size && isGood(each)).at(-1)?.size ?? 0;
  const proof = dataPaths(dataDirectory).proof;
  const latest = held.at(-1) ?? bad;
  const leaves = honestLeaves({ proof, project, latest, bad });
  const gone = reading.expired.map((leaf): FoundRecord => ({ leaf, line: '', producer: '' }));
  const found = [...gone, ...leavesOf(dataDirectory, project)];
  const findings = locate({ leaves, found, fits, bad: bad.size, size });
  return { ...base, covered: fits, findings };
}

/** The kept hashes, if a held checkpoint proves them: the latest one if possible, else the first that does not fit. */
function honestLeaves(parts: {
  proof: string;
  project: string;
  latest: HeldCheckpoint;
  bad: HeldCheckpoint;
}): readonly Hash[] | undefined {
  for (const { size, root } of [parts.latest, parts.bad]) {
    const leaves = tryReadLeaves(parts.proof, parts.project, size);
    if (leaves === undefined) continue;
    const frontier = new Frontier();
    for (const leaf of leaves) frontier.append(leaf);
    if (frontier.root() === root) return leaves;
  }
  return undefined;
}

function leavesOf(dataDirectory: string, project: string): FoundRecord[] {
  const found: FoundRecord[] = [];
  // Damage was told about in the first reading.
  for (const { header, records } of readEntries(auditQueue(dataDirectory), () => undefined)) {
    if (header.project !== project) continue;
    forEachLeaf(header, records, (leaf, line) => {
      found.push({ leaf, line: line.toString('utf8'), producer: header.producer });
    });
  }
  return found;
}

function auditQueue(dataDirectory: string): string {
  return join(dataPaths(dataDirectory).queue, 'audit');
}

/** Whether a folder holds an audit log at all. */
export function hasAuditLog(dataDirectory: string): boolean {
  return existsSync(auditQueue(dataDirectory));
}
