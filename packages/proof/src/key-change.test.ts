import { describe, expect, test } from 'vitest';
import { followKeyChanges, isKeyChange, signKeyChange, trustedKeys } from './key-change.js';
import { newSigner, tryVerifier, type NoteSigner } from './note.js';

const TIME = '2026-11-21T10:00:00.000Z';
const [first, second, third] = [newSigner('log'), newSigner('log'), newSigner('log')];
const known = (...signers: readonly NoteSigner[]) =>
  signers.flatMap(({ verifier }) => tryVerifier(verifier) ?? []);
const idsOf = (verifiers: readonly { readonly id: Buffer }[]): string[] =>
  verifiers.map(({ id }) => id.toString('hex'));
const follow = (notes: readonly string[]) => followKeyChanges(known(first), notes);
const all = idsOf(known(first, second, third));

describe('changes of a signing key', () => {
  const toSecond = signKeyChange(first, second, TIME);
  const toThird = signKeyChange(second, third, TIME);

  test('are followed from the key that is held, in any order and however often they are shown', () => {
    const { verifiers, newest, problems } = follow([toThird, toSecond, toThird]);
    expect([idsOf(verifiers), idsOf(newest), problems]).toEqual([all, all.slice(2), []]);
    expect(isKeyChange(toThird)).toBe(true);
  });

  test('are not followed when one is missing between', () => {
    expect(idsOf(follow([toThird]).verifiers)).toEqual(all.slice(0, 1));
  });

  test('stand beneath the verifier in a file, with an empty line before them or without', () => {
    for (const between of ['\n', '\n\n']) {
      const { verifiers, problems } = trustedKeys(`${first.verifier}${between}${toSecond}\n${toThird}\n`);
      expect([idsOf(verifiers), problems]).toEqual([all, []]);
    }
  });

  test('bring no key that was only told and that nobody signed over', () => {
    expect(idsOf(trustedKeys(first.verifier, `${second.verifier}\n`).verifiers)).toEqual(all.slice(0, 1));
  });

  test('to two different keys are a problem, and neither is trusted', () => {
    const { verifiers, problems } = follow([toSecond, signKeyChange(first, third, TIME)]);
    expect(idsOf(verifiers)).toEqual(all.slice(0, 1));
    expect(problems).toEqual([expect.stringContaining('two different keys')]);
  });

  test.each([
    [
      'without the signature of the key before',
      signKeyChange(third, second, TIME).replaceAll(third.verifier, first.verifier),
    ],
    ['to a key that did not sign', toSecond.replace(`to ${second.verifier}`, `to ${third.verifier}`)],
    ['with another time', toSecond.replace('10:00', '11:00')],
    ['to another log', signKeyChange(first, newSigner('other'), TIME)],
    ['of a witness', signKeyChange(first, newSigner('log', 'cosignature'), TIME)],
    ['cut off', toSecond.slice(0, -20)],
  ])('%s are told and not followed', (_, note) => {
    const { verifiers, problems } = follow([note]);
    expect([idsOf(verifiers), problems.length]).toEqual([all.slice(0, 1), 1]);
  });

  test('of a log that nobody here holds are passed over', () => {
    const [other, next] = [newSigner('other'), newSigner('other')];
    expect(follow([signKeyChange(other, next, TIME)]).problems).toEqual([]);
  });
});
