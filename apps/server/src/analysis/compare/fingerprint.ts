/**
 * What makes two errors the same: the type, and the top frames of our own code by function and file. Lines and columns
 * move with every release and are left out, as are hashes in bundled file names. Without a stack, the message's form.
 */
import { createHash } from 'node:crypto';
import { FINGERPRINT_FRAMES } from '../limits.js';
import { wordsOf } from './templates.js';

export interface Frame {
  /** As it stands in the stack. */
  readonly text: string;
  readonly name: string;
  readonly file: string;
  readonly isOurs: boolean;
}

/** `at f (file.js:1:2)` of V8, `f@file.js:1:2` of Firefox and Safari, `File "x.py", line 1, in f` of Python. */
const SHAPES: readonly { readonly pattern: RegExp; readonly name: number; readonly file: number }[] = [
  { pattern: /^\s*at (?:async )?(.+?) \((.+?)(?::\d+){0,2}\)\s*$/, name: 1, file: 2 },
  { pattern: /^\s*at (?:async )?()(\S+?)(?::\d+){1,2}\s*$/, name: 1, file: 2 },
  { pattern: /^\s*File "(.+?)", line \d+, in (.+)$/, name: 2, file: 1 },
  { pattern: /^\s*at ([\w.$<>]+)\(([^:)]+)(?::\d+)?\)\s*$/, name: 1, file: 2 },
  { pattern: /^([^@\s]*)@(\S+?)(?::\d+){1,2}\s*$/, name: 1, file: 2 },
];

const FOREIGN =
  /node_modules|^node:|\bnode:internal|site-packages|\/lib\/python|^java\.|^jdk\.|^org\.springframework|<anonymous>/;

export function framesOf(stack: string): Frame[] {
  return stack.split('\n').flatMap((line) => {
    for (const { pattern, name, file } of SHAPES) {
      const match = pattern.exec(line);
      if (!match) continue;
      const path = match[file] ?? '';
      return [
        {
          text: line.trim(),
          name: nameOf(match[name] ?? ''),
          file: fileOf(path),
          isOurs: !FOREIGN.test(path),
        },
      ];
    }
    return [];
  });
}

export interface Fault {
  readonly service: string;
  readonly type: string;
  readonly stack: string;
  readonly message: string;
}

export function fingerprintOf({ service, type, stack, message }: Fault): string {
  const frames = framesOf(stack);
  const ours = frames.filter(({ isOurs }) => isOurs);
  const top = (ours.length > 0 ? ours : frames).slice(0, FINGERPRINT_FRAMES);
  const places = top.map(({ name, file }) => `${name} ${file}`);
  const what = places.length > 0 ? places : [wordsOf(message).join(' ')];
  return createHash('sha256')
    .update([service, type, ...what].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** `Object.<anonymous>`, `new Cart`, `Cart.add [as insert]` → the function itself. */
function nameOf(name: string): string {
  return name.replace(/ \[as .*\]$/, '').replace(/^(new|async|Object\.|Module\.) ?/, '');
}

/** The file without host, folders above the last two, query and the hash of a bundle. */
function fileOf(path: string): string {
  const plain = path.replace(/[?#].*$/, '').replace(/^\w+:\/\/[^/]+/, '');
  const parts = plain.split(/[\\/]/).slice(-2).join('/');
  return parts.replace(/[.-](?=[\w]*\d)[\w]{6,}(?=\.\w+$)/, '').replace(/:\d+/g, '');
}
