/**
 * A run on disk: what was started, and a line per item that has ended. Enough to resume after a kill, on any machine that has
 * the folder; what the database knows better (whether a transaction was committed) is asked there.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { csvLine } from '@sillok/record';
import { nodeProcesses } from '@sillok/spool';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { itemsFile, outFile, runDirectory, runFile } from '../filenames.js';
import { ERROR_CHARACTERS_MAX } from '../limits.js';

const infoShape = z.object({
  run: z.string(),
  script: z.string(),
  args: z.record(z.string(), z.unknown()),
  mode: z.enum(['plan', 'apply']),
  environment: z.string(),
  started_at: z.string(),
  started_by: z.string(),
  /** Of the changes that a dry run found, or that an apply was allowed to make. */
  plan: z.string().optional(),
  state: z.enum(['requested', 'rejected', 'running', 'paused', 'done', 'failed', 'stopped']),
  /** Of a run that waits, or waited, for a second person. */
  requested_by: z.string().optional(),
  reason: z.string().optional(),
  approved_by: z.string().optional(),
  /** Which process works on it: whether it is still there. */
  process: z.object({ host: z.string(), pid: z.number(), start: z.string(), machine: z.string() }).optional(),
  ended_at: z.string().optional(),
  /** Failed items after which the others were not begun any more. */
  cut_after: z.number().optional(),
  counts: z.record(z.string(), z.number()).default({}),
});

export type RunInfo = z.infer<typeof infoShape>;

/** For people the name of the machine; its boot and the start of the process tell it from a later one of the same pid. */
export function ownProcess(): NonNullable<RunInfo['process']> {
  const { pid, start, host } = nodeProcesses.self;
  return { host: hostname(), pid, start, machine: host };
}

export type ItemState = 'done' | 'failed' | 'skipped';

export interface ItemLine {
  readonly key: string;
  readonly state: ItemState;
  readonly reason?: string;
}

export class RunState {
  readonly directory: string;
  #info: RunInfo;
  readonly #items = new Map<string, ItemLine>();
  #columns: readonly string[] | undefined;

  private constructor(directory: string, info: RunInfo) {
    this.directory = directory;
    this.#info = info;
  }

  static create(root: string, info: RunInfo): RunState {
    const directory = runDirectory(root, info.run);
    mkdirSync(directory, { recursive: true });
    const state = new RunState(directory, info);
    state.#save();
    return state;
  }

  /** Throws a `ScriptError` when there is no such run. A torn last line is an item that has not ended. */
  static open(root: string, run: string): RunState {
    const directory = runDirectory(root, run);
    const info = tryInfo(directory);
    if (info === undefined)
      throw new ScriptError(
        'not_found',
        `There is no run "${run}" in ${root}.`,
        '"script status" lists the runs.',
      );
    const state = new RunState(directory, info);
    if (!existsSync(itemsFile(directory))) return state;
    for (const line of readFileSync(itemsFile(directory), 'utf8').split('\n').slice(0, -1)) {
      const item = itemShape.safeParse(tryJson(line));
      if (item.success) state.#items.set(item.data.key, lineOf(item.data));
    }
    return state;
  }

  get info(): RunInfo {
    return this.#info;
  }

  stateOf(key: string): ItemState | undefined {
    return this.#items.get(key)?.state;
  }

  items(state: ItemState): ItemLine[] {
    return [...this.#items.values()].filter((each) => each.state === state);
  }

  end(line: ItemLine): void {
    const { reason } = line;
    const kept = reason === undefined ? line : { ...line, reason: reason.slice(0, ERROR_CHARACTERS_MAX) };
    this.#items.set(kept.key, kept);
    appendFileSync(itemsFile(this.directory), `${JSON.stringify(kept)}\n`);
  }

  update(change: Partial<RunInfo>): void {
    this.#info = { ...this.#info, ...change };
    this.#save();
  }

  emit(row: Readonly<Record<string, unknown>>): void {
    const isNew = this.#columns === undefined && !existsSync(outFile(this.directory));
    this.#columns ??= isNew ? Object.keys(row) : headOf(outFile(this.directory));
    if (isNew) appendFileSync(outFile(this.directory), csvLine(this.#columns));
    appendFileSync(outFile(this.directory), csvLine(this.#columns.map((column) => row[column])));
  }

  #save(): void {
    const path = runFile(this.directory);
    writeFileSync(`${path}.tmp`, `${JSON.stringify(this.#info, null, 2)}\n`);
    renameSync(`${path}.tmp`, path);
  }
}

/** Whoever is at this terminal. */
export const user = (): string => `${userInfo().username}@${hostname()}`;

/** Latest first. */
export function listRuns(root: string): RunInfo[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .flatMap((run) => tryInfo(runDirectory(root, run)) ?? [])
    .sort((a, b) => (a.started_at < b.started_at ? 1 : -1));
}

const itemShape = z.object({
  key: z.string(),
  state: z.enum(['done', 'failed', 'skipped']),
  reason: z.string().optional(),
});

function lineOf({ key, state, reason }: z.infer<typeof itemShape>): ItemLine {
  return { key, state, ...(reason === undefined ? {} : { reason }) };
}

function tryInfo(directory: string): RunInfo | undefined {
  if (!existsSync(runFile(directory))) return undefined;
  const parsed = infoShape.safeParse(tryJson(readFileSync(runFile(directory), 'utf8')));
  return parsed.success ? parsed.data : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function headOf(path: string): string[] {
  return (readFileSync(path, 'utf8').split('\r\n')[0] ?? '').split(',');
}
