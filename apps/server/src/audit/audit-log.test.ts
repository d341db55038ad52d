import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  inclusionProof,
  isIncluded,
  isConsistent,
  consistencyProof,
  openNote,
  tryVerifier,
} from '@sillok/proof';
import { afterEach, describe, expect, test } from 'vitest';

import { dataPaths, PROOF_STATE_FILE, treeLevelFile } from '../filenames.js';
import { AuditFolder, auditLine, type Entry } from './audit.fixture.js';

const folders: AuditFolder[] = [];
function folderOf(): AuditFolder {
  const folder = new AuditFolder();
  folders.push(folder);
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await folder.dispose();
});

function entries(count: number, project = 'default'): Entry[] {
  return Array.from({ length: count }, (_, index) => ({
    project,
    producer: index % 3 === 0 ? 'admin' : 'orders',
    line: auditLine(index + 1),
  }));
}

describe('the audit log', () => {
  test('grows with the queue, one tree per project, and finds records by both names', async () => {
    const folder = folderOf();
    await folder.add([...entries(7), ...entries(3, 'other')]);
    folder.log.catchUp();
    expect(folder.log.projects()).toEqual(['default', 'other']);
    const { size, root } = folder.log.head('default');
    expect(size).toBe(7);
    const place = folder.log.find('default', { producer: 'orders', boot: 'b1', seq: 5 });
    expect(place?.index).toBe(4);
    expect(folder.log.find('default', { id: 'id-5', outcome: 'committed' })).toEqual(place);
    expect(folder.log.find('default', { id: 'id-5', outcome: 'failed' })).toBeUndefined();
    const proof = inclusionProof(4, size, folder.log.nodes('default'));
    expect(isIncluded({ leaf: place?.leaf ?? '', index: 4, size, root, proof })).toBe(true);
  });

  test('goes on after a stop, and finds what stands in older segments', async () => {
    const folder = folderOf();
    await folder.add(entries(5));
    folder.log.catchUp();
    const before = folder.log.head('default');
    await folder.close();
    await folder.add(entries(9).slice(5));
    folder.log.catchUp();
    const after = folder.log.head('default');
    const proof = consistencyProof(5, 9, folder.log.nodes('default'));
    expect(after.size).toBe(9);
    const sizes = { before: 5, beforeRoot: before.root, size: 9, root: after.root };
    expect(isConsistent({ ...sizes, proof })).toBe(true);
    expect(folder.log.find('default', { id: 'id-2', outcome: 'committed' })?.index).toBe(1);
  });

  const losses: [string, (proof: string) => void][] = [
    ['everything', (proof) => rmSync(proof, { recursive: true })],
    ['the state', (proof) => rmSync(join(proof, PROOF_STATE_FILE))],
    ['half of a level', (proof) => truncateSync(join(proof, 'default', treeLevelFile(0)), 65)],
    ['the meaning of the state', (proof) => writeFileSync(join(proof, PROOF_STATE_FILE), '{"position":1}')],
  ];
  test.each(losses)('whose files lost %s has the same root again', async (_, lose) => {
    const folder = folderOf();
    await folder.add(entries(20));
    folder.log.catchUp();
    const before = folder.log.head('default');
    await folder.close();
    lose(dataPaths(folder.root).proof);
    folder.log.catchUp();
    expect(folder.log.head('default')).toEqual(before);
  });

  test('killed before its state was saved comes to the same root', async () => {
    const folder = folderOf();
    await folder.add(entries(4));
    folder.log.catchUp();
    folder.log.save();
    await folder.add(entries(12).slice(4));
    folder.log.catchUp();
    const before = folder.log.head('default');
    // No close: the state on disk is that of four records, the files hold more.
    await folder.queue.close();
    const again = new AuditFolder(folder.root);
    again.log.catchUp();
    expect(again.log.head('default')).toEqual(before);
    await again.close();
  });

  test('signs what it is, also when it is empty', async () => {
    const folder = folderOf();
    const empty = folder.checkpoints.sign('default');
    await folder.add(entries(3));
    const { checkpoints } = folder;
    const signed = checkpoints.sign('default');
    const verifier = tryVerifier(checkpoints.verifier);
    expect([empty.size, signed.size]).toEqual([0, 3]);
    for (const { note } of [empty, signed]) {
      expect(openNote(note, verifier === undefined ? [] : [verifier]).ok).toBe(true);
    }
  });
});
