/** The kinds of settings: how a text from the environment or a flag becomes a value, or is refused. */
import { isIP } from 'node:net';

type Parse<T> = (text: string) => T | undefined;

export interface Setting<T> {
  readonly env: string;
  readonly flag: string;
  /** What the value is, for the page and for errors: `number`, `bytes`, `folder` … */
  readonly form: string;
  readonly parse: Parse<T>;
  readonly preset: T;
  readonly help: string;
}

export interface SettingText {
  readonly env: string;
  readonly flag: string;
  readonly help: string;
}

const BYTE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

export function integer(
  text: SettingText,
  preset: number,
  max: number = Number.MAX_SAFE_INTEGER,
): Setting<number> {
  const parse = (value: string) =>
    /^\d{1,15}$/.test(value) && Number(value) <= max ? Number(value) : undefined;
  return { ...text, form: 'number', parse, preset };
}

export function bytes(text: SettingText, preset: number): Setting<number> {
  const parse = (value: string) => {
    const match = /^(\d{1,12})([KMGT]?)(i?B)?$/i.exec(value);
    if (match === null) return undefined;
    return Number(match[1]) * (BYTE_UNITS[(match[2] ?? '').toUpperCase()] ?? 1);
  };
  return { ...text, form: 'bytes, as 500M or 20G', parse, preset };
}

export function text(spec: SettingText, preset: string, form = 'text'): Setting<string> {
  const parse = (value: string): string | undefined =>
    form === 'URL' && !URL.canParse(value) ? undefined : value;
  return { ...spec, form, parse, preset };
}

export function flag(spec: SettingText): Setting<boolean> {
  const words: Readonly<Record<string, boolean>> = { 1: true, true: true, '': true, 0: false, false: false };
  return { ...spec, form: '1 or 0', parse: (value) => words[value.toLowerCase()], preset: false };
}

/** `127.0.0.1, 10.0.0.0/8`; anything else is refused, so that no name and no typing error trusts everybody. */
export function networks(spec: SettingText): Setting<readonly string[]> {
  const parse = (value: string): readonly string[] | undefined => {
    const parts = value.split(',').map((part) => part.trim());
    return parts.every(isNetwork) ? parts : undefined;
  };
  return { ...spec, form: 'addresses', parse, preset: [] };
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const bitsMax = isIP(address) === 6 ? 128 : 32;
  const isSize = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= bitsMax);
  return isIP(address) !== 0 && isSize && more.length === 0;
}

export function oneOf<T extends string>(spec: SettingText, values: readonly T[], preset: T): Setting<T> {
  return {
    ...spec,
    form: values.join(', '),
    parse: (value) => values.find((each) => each === value),
    preset,
  };
}
