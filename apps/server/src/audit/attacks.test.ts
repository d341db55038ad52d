/**
 * Twelve ways to falsify an audit log, by somebody who has the disk and the signing key, each held against checkpoints that
 * were kept elsewhere. `SILLOK_LONG=1` runs 100 seeds of each; the short form runs 5.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { compressSegment, listSegments } from '@sillok/spool';
import { afterAll, describe, expect, test } from 'vitest';

import { dataPaths, SIGNING_KEY_FILE } from '../filenames.js';
import { AuditFolder, auditLine, type Entry } from './audit.fixture.js';
import type { AuditFinding } from './locate.js';
import { readHeld, verifyAuditLog } from './verify.js';

const SEEDS = process.env['SILLOK_LONG'] === '1' ? 100 : 5;
const COUNT = 60;
const temporary: string[] = [];

afterAll(() => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

function randomOf(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return state % below;
  };
}

interface Scene {
  readonly folder: AuditFolder;
  readonly entries: readonly Entry[];
  /** Kept elsewhere: at 20, 40 and 60 records of `default`, and one of `other`. */
  readonly notes: string[];
  readonly verifier: string;
  readonly random: (below: number) => number;
}

async function sceneOf(seed: number): Promise<Scene> {
  const folder = new AuditFolder();
  temporary.push(folder.root);
  const notes: string[] = [];
  const entry = (seq: number, project = 'default'): Entry => ({
    project,
    producer: `p${seq % 4}`,
    line: auditLine(seq, { 'audit.action': `action-${seed}-${seq}` }),
  });
  const { checkpoints } = folder;
  for (let from = 1; from <= COUNT; from += 20) {
    await folder.add(Array.from({ length: 20 }, (_, index) => entry(from + index)));
    notes.push(checkpoints.sign('default').note);
  }
  await folder.add(Array.from({ length: 10 }, (_, index) => entry(index + 1, 'other')));
  notes.push(checkpoints.sign('other').note);
  folder.log.save();
  const entries = folder.entries();
  return { folder, entries, notes, verifier: checkpoints.verifier, random: randomOf(seed + 1) };
}

/** What the verification says, with the checkpoints that were kept. */
async function judged({
  folder,
  notes,
  verifier,
}: Scene): Promise<{ findings: readonly AuditFinding[]; refused: number }> {
  const held = readHeld(notes, [verifier]);
  const { projects } = await verifyAuditLog(folder.root, held.checkpoints);
  const findings = projects.find(({ project }) => project === 'default')?.findings ?? [];
  return { findings, refused: held.refused.length };
}

const ofDefault = (entries: readonly Entry[]): Entry[] =>
  entries.filter(({ project }) => project === 'default');
const ofOther = (entries: readonly Entry[]): Entry[] => entries.filter(({ project }) => project === 'other');

type Attack = (scene: Scene) => Promise<{ kind: string; at: number } | 'refused'>;

const attacks: Record<string, Attack> = {
  async edit({ folder, entries, random }) {
    const at = random(COUNT);
    const own = ofDefault(entries);
    const changed = own.map((each, i) =>
      i === at ? { ...each, line: each.line.replace('change', 'chance') } : each,
    );
    await folder.rewrite([...changed, ...ofOther(entries)], { hashes: true });
    return { kind: 'edited', at };
  },
  async delete({ folder, entries, random }) {
    const at = random(COUNT - 1);
    await folder.rewrite([...ofDefault(entries).toSpliced(at, 1), ...ofOther(entries)], { hashes: true });
    return { kind: 'removed', at };
  },
  async insert({ folder, entries, random }) {
    const at = random(COUNT - 1);
    const added = { project: 'default', producer: 'p9', line: auditLine(999) };
    await folder.rewrite([...ofDefault(entries).toSpliced(at, 0, added), ...ofOther(entries)], {
      hashes: true,
    });
    return { kind: 'added', at };
  },
  async swap({ folder, entries, random }) {
    const at = random(COUNT - 1);
    const own = ofDefault(entries);
    const [first, second] = [own[at], own[at + 1]];
    if (first === undefined || second === undefined) throw new Error('no pair');
    await folder.rewrite([...own.toSpliced(at, 2, second, first), ...ofOther(entries)], { hashes: true });
    return { kind: 'moved', at };
  },
  async truncate({ folder, entries, random }) {
    const at = 1 + random(COUNT - 1);
    await folder.rewrite([...ofDefault(entries).slice(0, at), ...ofOther(entries)], { hashes: true });
    return { kind: 'truncated', at };
  },
  async 'truncate and sign again'({ folder, entries, random }) {
    const at = 1 + random(COUNT - 1);
    await folder.rewrite([...ofDefault(entries).slice(0, at), ...ofOther(entries)], { hashes: false });
    folder.checkpoints.keepAll();
    return { kind: 'truncated', at };
  },
  async fork({ folder, entries, random }) {
    const at = random(COUNT);
    const own = ofDefault(entries).slice(0, at);
    const other = Array.from({ length: COUNT - at }, (_, i) => ({
      project: 'default',
      producer: 'p0',
      line: auditLine(at + i + 1, { 'audit.action': 'another history' }),
    }));
    await folder.rewrite([...own, ...other, ...ofOther(entries)], { hashes: false });
    folder.checkpoints.keepAll();
    return { kind: 'altered', at };
  },
  async 'restore of an old backup'({ folder, entries, random }) {
    const backup = mkdtempSync(join(tmpdir(), 'sillok-backup-'));
    temporary.push(backup);
    const at = 1 + random(COUNT - 1);
    const old = new AuditFolder(backup);
    cpSync(join(dataPaths(folder.root).proof, SIGNING_KEY_FILE), join(mkProof(backup), SIGNING_KEY_FILE));
    await old.add(ofDefault(entries).slice(0, at));
    old.log.catchUp();
    await old.close();
    await folder.close();
    rmSync(folder.root, { recursive: true });
    cpSync(backup, folder.root, { recursive: true });
    return { kind: 'truncated', at };
  },
  async 'checkpoint swap'({ notes }) {
    // Another log's checkpoint in the place of ours, and ours with another number.
    notes[1] = (notes[1] ?? '').replace('\n40\n', '\n39\n');
    return 'refused';
  },
  async 'key swap'({ folder, notes }) {
    const { proof } = dataPaths(folder.root);
    rmSync(join(proof, SIGNING_KEY_FILE));
    notes.splice(0, notes.length, folder.checkpoints.sign('default').note);
    return 'refused';
  },
  async 'an old epoch signed again'({ folder, entries, random }) {
    // The records of an earlier time are changed, and a checkpoint of that time is signed with the real key.
    const at = random(20);
    const own = ofDefault(entries);
    const changed = own.map((each, i) =>
      i === at ? { ...each, line: each.line.replace('change', 'chance') } : each,
    );
    await folder.rewrite(changed.slice(0, 20), { hashes: false });
    folder.checkpoints.keepAll();
    await folder.add([...changed.slice(20), ...ofOther(entries)]);
    folder.checkpoints.keepAll();
    await folder.close();
    return { kind: 'altered', at };
  },
  async 'move between projects'({ folder, entries, random }) {
    const at = random(COUNT - 1);
    const own = ofDefault(entries);
    const moved = own.slice(at, at + 1).map((each) => ({ ...each, project: 'other' }));
    await folder.rewrite([...own.toSpliced(at, 1), ...ofOther(entries), ...moved], { hashes: true });
    return { kind: 'removed', at };
  },
};

function mkProof(root: string): string {
  const { proof } = dataPaths(root);
  cpSync(mkdtempSync(join(tmpdir(), 'sillok-empty-')), proof, { recursive: true });
  return proof;
}

describe('with checkpoints kept elsewhere', () => {
  test.each(Object.keys(attacks))('%s is detected and located', async (name) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const scene = await sceneOf(seed);
      expect((await judged(scene)).findings).toEqual([]);
      const expected = await attacks[name]?.(scene);
      await scene.folder.close();
      const { findings, refused } = await judged(scene);
      if (expected === 'refused') {
        expect(refused, `seed ${seed}`).toBeGreaterThan(0);
      } else {
        // The place itself, or the stretch between two checkpoints that holds it.
        const at = expected?.at ?? -1;
        const hit = findings.find(({ from, to }) => from <= at && at < to);
        expect(findings, `seed ${seed}`).not.toEqual([]);
        expect(hit, `seed ${seed} at ${at}: ${JSON.stringify(findings)}`).toBeDefined();
        if (expected?.kind === 'edited') expect(hit?.records.length).toBe(1);
        if (expected?.kind !== 'altered') expect([expected?.kind, 'altered', 'moved']).toContain(hit?.kind);
      }
      await scene.folder.dispose();
    }
  });

  test('records that came after the last checkpoint are no alarm', async () => {
    const scene = await sceneOf(1);
    await scene.folder.add([{ project: 'default', producer: 'p1', line: auditLine(500) }]);
    await scene.folder.close();
    expect(await judged(scene)).toEqual({ findings: [], refused: 0 });
    await scene.folder.dispose();
  });

  test('a change of the very last record is told as a change, not as a cut', async () => {
    const scene = await sceneOf(3);
    const own = ofDefault(scene.entries);
    const changed = own.map((each, i) =>
      i === COUNT - 1 ? { ...each, line: each.line.replace('change', 'chance') } : each,
    );
    await scene.folder.rewrite([...changed, ...ofOther(scene.entries)], { hashes: true });
    expect((await judged(scene)).findings).toMatchObject([{ kind: 'edited', from: COUNT - 1, to: COUNT }]);
    await scene.folder.dispose();
  });

  test('many segments give the same verdict by threads as by one, compressed ones too', async () => {
    const scene = await sceneOf(4);
    const { folder, notes, verifier } = scene;
    for (let seq = 100; seq < 104; seq += 1) {
      // Each start of the queue begins a segment of its own.
      await folder.close();
      await folder.add([{ project: 'default', producer: 'p1', line: auditLine(seq) }]);
      notes.push(folder.checkpoints.sign('default').note);
    }
    folder.log.save();
    await folder.close();
    const directory = join(dataPaths(folder.root).queue, 'audit');
    const held = readHeld(notes, [verifier]).checkpoints;
    const whole = {
      damage: [],
      projects: [
        { covered: 64, findings: [] },
        { covered: 10, findings: [] },
      ],
    };
    const both = () => Promise.all([1, 2].map((threads) => verifyAuditLog(folder.root, held, threads)));
    expect(await both()).toMatchObject([whole, whole]);

    const [first, second] = listSegments({ directory });
    if (first === undefined || second === undefined) throw new Error('there are not enough segments');
    await compressSegment({ directory, segment: first.segment });
    expect(listSegments({ directory })[0]?.compressed).toBe(true);
    expect(await both()).toMatchObject([whole, whole]);

    // One letter of a record in the second segment, and no checksum put right.
    writeFileSync(second.path, readFileSync(second.path, 'utf8').replace('change 100', 'chance 100'));
    const [alone, threaded] = await both();
    expect(threaded).toEqual(alone);
    expect(alone?.projects[0]?.findings).toMatchObject([{ kind: 'edited', from: 60, to: 61 }]);
    expect(alone?.damage).toMatchObject([{ segment: second.segment, reason: 'checksum' }]);
    await folder.dispose();
  });

  test('the file of scheduled checkpoints is read as it is written', async () => {
    const scene = await sceneOf(2);
    scene.folder.checkpoints.keepAll();
    scene.folder.checkpoints.keepAll();
    const text = readFileSync(join(dataPaths(scene.folder.root).proof, 'checkpoints'), 'utf8');
    const held = readHeld([text], [scene.verifier]);
    expect(held).toMatchObject({
      refused: [],
      checkpoints: [{ size: 60 }, { size: 10 }, { size: 60 }, { size: 10 }],
    });
    await scene.folder.dispose();
  });
});
