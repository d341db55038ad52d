/** The verdict on an audit log in words: what has expired is told apart from what is there and from what is wrong. */
import { expect, test } from 'vitest';
import { createColours } from '../terminal/colours.js';
import { verdictText } from './verdict-text.js';

const project = {
  ...{ project: 'default', size: 4, covered: 96, checkpoints: 3 },
  ...{ expired: 92, expired_by: '2026-11-15T03:00:01.000Z', findings: [] },
};

function said(more: object): string {
  const verdict = { projects: [{ ...project, ...more }], damage: [], refused: [], ok: true };
  return verdictText(verdict, createColours(false));
}

test('entries of which only the hashes are left are counted, with by when they came', () => {
  expect(said({})).toBe(
    '✓ default  4 entries there, 96 entries proven\n' +
      '    92 entries before these: only the hashes are here, all taken in by 2026-11-15T03:00:01.000Z. Hold that against your retention.',
  );
  expect(said({ expired: 1, expired_by: null })).toContain(
    '1 entry before these: only the hashes are here. Hold',
  );
});

test('where nothing has expired nothing is said of it', () => {
  expect(said({ size: 96, expired: 0, expired_by: null })).toBe(
    '✓ default  96 entries there, 96 entries proven',
  );
});
