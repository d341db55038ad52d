/**
 * What makes two errors the same, for lists of errors and for alerts: the service, the type, and the top frames of our own
 * code by function and file. Lines and columns move with every release and are left out, as are hashes in bundled file names.
 * Without a stack it is the form of the message's first line: numbers, ids, addresses and quoted texts differ from case to case.
 */
import { createHash } from 'node:crypto';
import type { Row } from '@sillok/query';
import type { FlatRecord } from '@sillok/record';
import { FINGERPRINT_FRAMES, ROUGH_CHARS_MAX, STACK_CHARS_MAX, STACK_LINES_MAX } from '../limits.js';
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

const BLANKS: readonly RegExp[] = [
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi,
  /[\w.+-]{1,100}@[\w-]{1,100}\.[\w.-]{1,100}/g,
  /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”/g,
  /\b(?=[0-9a-f]*\d)[0-9a-f]{6,}\b/gi,
  /\d+(?:[.,:]\d+)*/g,
];

/** A text with `blank` for each part that differs from case to case. */
export function blanked(text: string, blank: string): string {
  let left = text;
  for (const part of BLANKS) left = left.replace(part, blank);
  return left;
}

export function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}

/** A field of the envelope or an attribute, when it is a text. */
export function textOf(record: FlatRecord, name: string): string {
  const value = record[name] ?? record.attributes?.[name];
  return typeof value === 'string' ? value : '';
}

/** What the engine answers for a group of errors (`compileErrors`), from one record before it is there. */
export function faultOf({ record, context }: Row): Fault {
  const said = record.kind === 'access' ? textOf(record, 'exception.message') : '';
  const lines = textOf(record, 'exception.stacktrace').split('\n', STACK_LINES_MAX);
  return {
    service: String(context.resource['service.name'] ?? ''),
    type: textOf(record, 'exception.type') || textOf(record, 'error.type'),
    stack: beginning(lines.join('\n'), STACK_CHARS_MAX),
    message: beginning(said === '' ? record.message : said, ROUGH_CHARS_MAX),
  };
}

/** By characters as the engine counts them, not by halves of them. */
function beginning(text: string, chars: number): string {
  return text.length <= chars ? text : [...text].slice(0, chars).join('');
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
  const what = places.length > 0 ? places : [wordsOf(blanked(firstLine(message), '0')).join(' ')];
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
