import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint, tryCheckpoint } from './checkpoint.js';
import { ProofError } from './errors.js';
import { leafHash } from './hash.js';
import { NOTE_BYTES_MAX } from './limits.js';
import {
  cosignNote,
  newSigner,
  openNote,
  signerFromText,
  signerToText,
  signNote,
  tryVerifier,
} from './note.js';

/** The example of the Go package that the specification was written from (golang.org/x/mod/sumdb/note). */
const PUBLISHED = {
  verifier: 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
  note:
    'If you think cryptography is the answer to your problem,\n' +
    "then you don't know what your problem is.\n" +
    '\n' +
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
};

const log = newSigner('sillok.example/audit');
const witness = newSigner('witness.example', 'cosignature');
const known = (...signers: { verifier: string }[]) =>
  signers.flatMap(({ verifier }) => tryVerifier(verifier) ?? []);
const text = formatCheckpoint({
  origin: 'sillok.example/audit',
  size: 7,
  root: leafHash(Buffer.from('root')),
  extensions: ['time 2026-11-21T10:00:00Z'],
});

describe('a signed note', () => {
  test('of another implementation is read', () => {
    const opened = openNote(PUBLISHED.note, known({ verifier: PUBLISHED.verifier }));
    expect(opened).toMatchObject({ ok: true, signatures: [{ verifier: { name: 'PeterNeumann' } }] });
    const changed = PUBLISHED.note.replace('answer', 'Answer');
    expect(openNote(changed, known({ verifier: PUBLISHED.verifier })).ok).toBe(false);
  });

  test('carries the log and its witnesses, each with what it says', () => {
    const note = cosignNote(signNote(text, log), witness, 1_795_255_200);
    const opened = openNote(note, known(log, witness));
    expect(opened).toMatchObject({ ok: true, text });
    const times = opened.ok ? opened.signatures.map(({ verifier, time }) => [verifier.name, time]) : [];
    expect(times).toEqual([
      ['sillok.example/audit', undefined],
      ['witness.example', 1_795_255_200],
    ]);
  });

  test('changed in any byte is refused', () => {
    const note = Buffer.from(cosignNote(signNote(text, log), witness, 1));
    for (let at = 0; at < note.length; at += 1) {
      const changed = Buffer.from(note);
      changed[at] = (changed[at] ?? 0) ^ 1;
      const opened = openNote(changed.toString(), known(log, witness));
      // A changed name or key id makes a signature one of an unknown key: the other one still stands.
      if (opened.ok) expect(opened.signatures.length).toBeLessThan(2);
      if (opened.ok) expect(opened.text).toBe(text);
    }
  });

  test('signed by a key of the same name is not taken for the real one', () => {
    const other = newSigner('sillok.example/audit');
    expect(openNote(signNote(text, other), known(log))).toMatchObject({
      ok: false,
      reason: 'no known key has signed it',
    });
  });

  test('that is none gets a verdict and no exception', () => {
    for (const junk of [
      '',
      '\n',
      '\n\n',
      'x\n\n',
      'x\n\n\u2014 a b\n',
      'x\n\n\u2014 a AAAA\n',
      'y'.repeat(99),
    ])
      expect(openNote(junk, known(log)).ok).toBe(false);
    expect(openNote('x'.repeat(NOTE_BYTES_MAX + 1), known(log)).ok).toBe(false);
  });
});

describe('keys', () => {
  test('thousands are made and written down one after the other, in a process that never stands still', () => {
    // A process of its own, which can be ended; it runs what was built.
    const built = new URL('../dist/note.js', import.meta.url).href;
    const program = `import { newSigner, signerToText } from ${JSON.stringify(built)};
      for (let n = 0; n < 3000; n += 1) signerToText(newSigner('a'));`;
    const { status, signal } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect({ status, signal }).toEqual({ status: 0, signal: null });
  }, 90_000);

  test('survive their text', () => {
    for (const signer of [log, witness]) {
      const again = signerFromText(signerToText(signer));
      expect(again.verifier).toBe(signer.verifier);
      expect(openNote(signNote(text, again), known(signer)).ok).toBe(true);
    }
  });

  test('that are damaged or renamed are refused', () => {
    const secret = signerToText(log);
    for (const bad of ['', 'PRIVATE+KEY', secret.replace('audit', 'other'), secret.slice(0, -9)])
      expect(() => signerFromText(bad)).toThrow(ProofError);
    expect(tryVerifier(log.verifier.replace('audit', 'other'))).toBeUndefined();
    expect(() => newSigner('two words')).toThrow(ProofError);
  });
});

describe('a checkpoint', () => {
  test('is read back', () => {
    const read = tryCheckpoint(text);
    expect(read).toMatchObject({ origin: 'sillok.example/audit', size: 7 });
    expect(read === undefined ? '' : formatCheckpoint(read)).toBe(text);
  });

  test('in any other form is not one', () => {
    for (const bad of [
      '',
      'a\n1\n',
      text.slice(0, -1),
      text.replace('7', '07'),
      text.replace('7', '-7'),
      `${text}\n`,
    ])
      expect(tryCheckpoint(bad)).toBeUndefined();
  });
});
