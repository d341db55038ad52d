import { expect, test } from 'vitest';

import { framesOf } from './stack.js';

test.each<readonly [string, string, ReturnType<typeof framesOf>]>([
  [
    'Chromium',
    'TypeError: no cart\n    at Cart (https://a.example/x.js:1:20)\n    at async Object.pay [as onClick] (https://a.example/x.js:2:3)\n    at https://a.example/y.js:4:5\n    at <anonymous>',
    [
      { functionName: 'Cart', url: 'https://a.example/x.js', line: 1, column: 20 },
      { functionName: 'pay', url: 'https://a.example/x.js', line: 2, column: 3 },
      { functionName: '', url: 'https://a.example/y.js', line: 4, column: 5 },
    ],
  ],
  [
    'Firefox and Safari',
    'Cart@https://a.example/x.js:1:20\n@https://a.example/x.js:2:3\nglobal code@https://a.example/y.js:4:5\n[native code]',
    [
      { functionName: 'Cart', url: 'https://a.example/x.js', line: 1, column: 20 },
      { functionName: '', url: 'https://a.example/x.js', line: 2, column: 3 },
      { functionName: '', url: 'https://a.example/y.js', line: 4, column: 5 },
    ],
  ],
  ['nothing of the kind', 'Error: at home (https://a.example)\nat 12:30', []],
])('frames of %s', (_name, stack, frames) => {
  expect(framesOf(stack)).toEqual(frames);
});

test('a stack without end is read up to its limit', () => {
  expect(framesOf('    at f (https://a.example/x.js:1:1)\n'.repeat(100_000))).toHaveLength(50);
});
