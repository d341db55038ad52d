/** File names with `*` and `?`, looked up again and again for files that are new. `**` stands for folders of any depth. */
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

/** Existing files that a path or pattern names, in order. What cannot be read is not there. */
export function expandPattern(pattern: string): string[] {
  const whole = resolve(pattern);
  if (!/[*?]/.test(whole)) return isFile(whole) ? [whole] : [];
  const base = baseOf(whole);
  const matcher = toRegExp(relative(base, whole));
  return filesUnder(base, whole.includes('**'))
    .filter((file) => matcher.test(relative(base, file)))
    .sort();
}

/** Whether a file of this name would be found, also when it is not there now. */
export function matchesPattern(pattern: string, path: string): boolean {
  const whole = resolve(pattern);
  if (!/[*?]/.test(whole)) return whole === path;
  const base = baseOf(whole);
  return toRegExp(relative(base, whole)).test(relative(base, path));
}

/** Folders that are looked at for rotated files. */
export function foldersOf(pattern: string): string[] {
  return [
    ...new Set([...expandPattern(pattern).map((file) => dirname(file)), dirname(resolve(pattern))]),
  ].filter((folder) => !/[*?]/.test(folder));
}

/** The deepest folder without a wildcard. */
function baseOf(pattern: string): string {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => /[*?]/.test(part));
  return parts.slice(0, first).join(sep) || sep;
}

function toRegExp(pattern: string): RegExp {
  const body = pattern.replace(/\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (token) => {
    if (token === '**/') return '(?:.*/)?';
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    return token === '?' ? '[^/]' : `\\${token}`;
  });
  return new RegExp(`^${body}$`);
}

function filesUnder(base: string, deep: boolean): string[] {
  const found: string[] = [];
  // A pattern such as pods/*/*.log has as many levels as it has slashes; files deeper down do not match it anyway.
  const open = [base];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of list(folder)) {
      const path = join(folder, name);
      const kind = kindOf(path);
      if (kind === 'file') found.push(path);
      if (kind === 'folder' && (deep || path.split(sep).length < base.split(sep).length + FOLDERS_DEEP))
        open.push(path);
    }
  }
  return found;
}
const FOLDERS_DEEP = 6;

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function kindOf(path: string): 'file' | 'folder' | undefined {
  try {
    const found = statSync(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : undefined;
  } catch {
    return undefined;
  }
}

function isFile(path: string): boolean {
  return kindOf(path) === 'file';
}
