/** Stacks of V8, Gecko and JavaScriptCore, line by line. Lines that are no frames stay what they are. */
import { STACK_FRAMES_MAX, STACK_LINE_LENGTH_MAX } from './limits.js';

export interface Frame {
  readonly functionName: string;
  readonly url: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

const V8 = /^\s*at (?:async )?(?:(.*?) \()?([^\s()]+?):(\d+):(\d+)\)?$/;
const OTHERS = /^\s*(?:(.*?)@)?((?:[a-z][a-z0-9+.-]*:)?\/.*?):(\d+):(\d+)$/i;

export function framesOf(stack: string): readonly Frame[] {
  const frames: Frame[] = [];
  for (const line of stack.split('\n')) {
    // Nothing good is that long, and a pattern with two gaps is slow on what is bad.
    if (line.length > STACK_LINE_LENGTH_MAX) continue;
    const found = V8.exec(line) ?? OTHERS.exec(line);
    if (found === null) continue;
    const [, functionName = '', url = '', row, column] = found;
    frames.push({ functionName: plainName(functionName), url, line: Number(row), column: Number(column) });
    if (frames.length >= STACK_FRAMES_MAX) break;
  }
  return frames;
}

/** `Object.Cart` → `Cart`, `new Cart` → `Cart`; anonymous functions have no name. */
function plainName(text: string): string {
  const name =
    text
      .replace(/^(?:new|async|get|set) /, '')
      .replace(/ \[as .*\]$/, '')
      .split('.')
      .at(-1) ?? '';
  return /^[\p{L}\p{N}_$]+$/u.test(name) && name !== 'anonymous' ? name : '';
}
