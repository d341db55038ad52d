import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ScriptError } from '../errors.js';
import { helpOf, readArgs } from './args.js';

const schema = z.object({
  since: z.string().describe('from which day'),
  limitRows: z.number().int().default(100).describe('at most'),
  city: z.enum(['seoul', 'busan']).optional(),
  tag: z.array(z.string()).default([]),
  force: z.boolean().default(false),
});

describe('arguments', () => {
  test('are read by the schema, with their types', () => {
    const words = [
      '--since=2026-11-01',
      '--limit-rows',
      '5',
      '--tag',
      'a',
      '--tag',
      'b',
      '--force',
      '--city',
      'busan',
    ];
    expect(readArgs(schema, words)).toEqual({
      since: '2026-11-01',
      limitRows: 5,
      city: 'busan',
      tag: ['a', 'b'],
      force: true,
    });
    expect(readArgs(schema, ['--since', 'x'])).toMatchObject({ limitRows: 100, force: false, tag: [] });
  });

  test.each([
    [['--sinse', 'x'], '"--sinse" is not an argument'],
    [['--since'], '--since needs a value'],
    [[], '--since:'],
    [['--since', 'x', '--limit-rows', 'many'], '--limit-rows:'],
    [['--since', 'x', '--city', 'jeju'], '--city:'],
    [['stray'], '"stray" is not an argument'],
  ])('that do not fit are named: %j', (words, message) => {
    expect(() => readArgs(schema, words)).toThrow(ScriptError);
    expect(() => readArgs(schema, words)).toThrow(message);
  });

  test('have a help that a colleague can use', () => {
    expect(helpOf(schema)).toContain('--since <string>             from which day (needed)');
    expect(helpOf(schema)).toContain('--city seoul|busan');
    expect(helpOf(schema)).toMatch(/--limit-rows <integer> +at most \(default 100\)/);
  });
});
