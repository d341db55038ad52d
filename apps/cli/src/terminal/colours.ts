/** Colours by meaning. None when the output is no terminal, or NO_COLOR is set; FORCE_COLOR overrules. */
import pico from 'picocolors';
import type { Level } from '@sillok/record';

export type Paint = (text: string) => string;

export interface Colours {
  readonly dim: Paint;
  readonly bold: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly warning: Paint;
  readonly name: Paint;
  readonly accent: Paint;
  readonly level: (level: Level) => Paint;
}

export function createColours(enabled: boolean): Colours {
  const colors = pico.createColors(enabled);
  const levels: { readonly [level in Level]: Paint } = {
    trace: colors.gray,
    debug: colors.gray,
    info: colors.green,
    warn: colors.yellow,
    error: colors.red,
    fatal: (text) => colors.bold(colors.magenta(text)),
  };
  return {
    dim: colors.dim,
    bold: colors.bold,
    good: colors.green,
    bad: colors.red,
    warning: colors.yellow,
    name: colors.cyan,
    accent: colors.blue,
    level: (level) => levels[level] ?? colors.white,
  };
}

export function wantsColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0') return true;
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
