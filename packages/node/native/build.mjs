/**
 * Builds the optional native part of the SDK (see mapped.c) with whatever C compiler is there. Where there is none, or the
 * system is not Linux, it says so and succeeds: the SDK works without.
 *
 *   node packages/node/native/build.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'mapped.c');
// `dist` is what is published; the platform is part of the name, so that several can lie side by side.
const target = join(here, '..', 'dist', 'native', `mapped-${process.platform}-${process.arch}.node`);

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function build() {
  if (process.platform !== 'linux') return 'not built: it is for Linux only';
  if (modifiedMs(target) > modifiedMs(source)) return 'up to date';
  mkdirSync(dirname(target), { recursive: true });
  const compiler = process.env.CC ?? 'cc';
  // `nodelete`: a signal handler must not be unloaded with the last worker thread that used it.
  const link = ['-shared', '-Wl,-z,nodelete', '-fvisibility=hidden'];
  const flags = ['-O2', '-Wall', '-Wextra', '-fPIC', ...link, '-o', target, source];
  const { status, error, stderr } = spawnSync(compiler, flags, { encoding: 'utf8' });
  if (error !== undefined) return `not built: no C compiler (${compiler}); records are written one by one`;
  return status === 0 ? 'built' : `not built: the compiler failed\n${stderr}`;
}

process.stdout.write(`@sillok/node native part: ${build()}\n`);
