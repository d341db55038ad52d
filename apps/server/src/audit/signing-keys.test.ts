/** The change of the signing key on disk: who signs when, what a kill in the middle leaves, and what verification says after it. */
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { newSigner, openNote, signerToText, tryVerifier } from '@sillok/proof';
import { afterAll, describe, expect, test } from 'vitest';

import {
  dataPaths,
  KEY_CHANGES_FILE,
  NEXT_SIGNING_KEY_FILE,
  PREVIOUS_SIGNING_KEY_FILE,
  SIGNING_KEY_FILE,
} from '../filenames.js';
import { AuditFolder, auditLine } from './audit.fixture.js';
import { SigningKeys } from './signing-keys.js';
import { keyChangesIn, readHeld, verifyAuditLog } from './verify.js';

const temporary: string[] = [];
const NOW = new Date('2026-11-21T10:00:00.000Z');
const LATER = new Date('2026-12-21T10:00:00.001Z');

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'sillok-keys-'));
  temporary.push(path);
  return path;
}

afterAll(() => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

describe('a signing key that is changed', () => {
  test('signs beside the old one in the overlap, then alone, and the old secret is gone', () => {
    const directory = folder();
    const old = new SigningKeys(directory).current.verifier;
    const { after } = new SigningKeys(directory).rotate(30, NOW);
    const keys = new SigningKeys(directory);
    expect(keys.signersAt(NOW).map(({ verifier }) => verifier)).toEqual([after, old]);
    for (const name of [SIGNING_KEY_FILE, PREVIOUS_SIGNING_KEY_FILE])
      expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(keys.signersAt(LATER).map(({ verifier }) => verifier)).toEqual([after]);
    expect(existsSync(join(directory, PREVIOUS_SIGNING_KEY_FILE))).toBe(false);
  });

  test('leaves nothing of the old secret when there is no overlap', () => {
    const directory = folder();
    const keys = new SigningKeys(directory);
    keys.rotate(30, NOW);
    const { after } = keys.rotate(0, NOW);
    expect(keys.signersAt(NOW).map(({ verifier }) => verifier)).toEqual([after]);
    expect(existsSync(join(directory, PREVIOUS_SIGNING_KEY_FILE))).toBe(false);
  });

  test('is the old one after a kill before the change was written, and the new one after it', () => {
    const directory = folder();
    const keys = new SigningKeys(directory);
    const old = keys.current.verifier;
    const next = join(directory, NEXT_SIGNING_KEY_FILE);
    writeFileSync(next, signerToText(newSigner(keys.current.name)));
    expect(new SigningKeys(directory).current.verifier).toBe(old);
    expect(existsSync(next)).toBe(false);

    const before = readFileSync(join(directory, SIGNING_KEY_FILE));
    const { after } = keys.rotate(30, NOW);
    renameSync(join(directory, SIGNING_KEY_FILE), next);
    writeFileSync(join(directory, SIGNING_KEY_FILE), before);
    expect(new SigningKeys(directory).current.verifier).toBe(after);
  });
});

describe('a log whose key was changed', () => {
  /** Checkpoints of before, of the overlap and of after it; nothing but the first verifier is held. */
  async function scene() {
    const root = new AuditFolder(folder());
    const add = (seq: number) => root.add([{ project: 'default', producer: 'p', line: auditLine(seq) }]);
    const { checkpoints } = root;
    const { verifier } = checkpoints;
    await add(1);
    const notes = [checkpoints.sign('default').note];
    checkpoints.rotateKey(30);
    await add(2);
    notes.push(checkpoints.sign('default').note);
    const inOverlap = notes.at(-1) ?? '';
    checkpoints.rotateKey(0);
    await add(3);
    notes.push(checkpoints.sign('default').note);
    return { root, verifier, notes, inOverlap };
  }

  test('is verified as a whole by who holds the first verifier only', async () => {
    const { root, verifier, notes, inOverlap } = await scene();
    const old = tryVerifier(verifier);
    expect(openNote(inOverlap, old === undefined ? [] : [old]).ok).toBe(true);
    await root.close();
    const held = readHeld(notes, [verifier], keyChangesIn(root.root));
    expect(held.refused).toEqual([]);
    const { projects } = await verifyAuditLog(root.root, held.checkpoints);
    expect(projects).toMatchObject([{ size: 3, covered: 3, checkpoints: 3, findings: [] }]);
    // The file of scheduled checkpoints has the changes in it: it needs nothing of the folder.
    const text = readFileSync(join(dataPaths(root.root).proof, 'checkpoints'), 'utf8');
    expect(readHeld([text], [verifier])).toMatchObject({
      refused: [],
      checkpoints: [{ size: 1 }, { size: 2 }],
    });
    await root.dispose();
  });

  test('is refused when the changes are missing, or when somebody without the key made one', async () => {
    const { root, verifier, notes } = await scene();
    await root.close();
    const changes = keyChangesIn(root.root);
    expect(readHeld(notes, [verifier]).refused).toMatchObject([{ reason: 'no known key has signed it' }]);
    const alien = new SigningKeys(folder());
    const swapped = alien.rotate(0, NOW).note.replaceAll(alien.current.name, verifier.split('+')[0] ?? '');
    expect(readHeld(notes, [verifier], `${changes}${swapped}\n`).refused).toHaveLength(1);
    // A bare key in the folder that is judged is nobody's word.
    expect(readHeld(notes, [verifier], `${alien.current.verifier}\n`).refused).toHaveLength(1);
    await root.dispose();
  });

  test('is told when the real key signed over twice, as a stolen one would', () => {
    const directory = folder();
    const owner = new SigningKeys(directory);
    const { verifier } = owner.current;
    const stolen = folder();
    writeFileSync(join(stolen, SIGNING_KEY_FILE), readFileSync(join(directory, SIGNING_KEY_FILE)));
    owner.rotate(0, NOW);
    const { note } = new SigningKeys(stolen).rotate(0, NOW);
    const changes = readFileSync(join(directory, KEY_CHANGES_FILE), 'utf8');
    const { refused } = readHeld([], [verifier], `${changes}${note}\n`);
    expect(refused).toMatchObject([{ reason: expect.stringContaining('two different keys') }]);
  });
});
