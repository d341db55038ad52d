/**
 * Builds the optional native part of proofs (see hash.c) with whatever C compiler is there. Where there is none, or the system is
 * not Linux, it says so and succeeds: everything works without.
 *
 *   node packages/proof/native/build.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const source = join(here, 'hash.c');
const target = join(here, '..', 'dist', 'native', `hash-${process.platform}-${process.arch}.node`);

function modifiedMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function build() {
  if (process.platform !== 'linux') return 'not built: it is for Linux only';
  if (modifiedMs(target) > modifiedMs(source)) return 'up to date';
  mkdirSync(dirname(target), { recursive: true });
  const compiler = process.env.CC ?? 'cc';
  // `now`: a Node without these functions of OpenSSL must refuse to load it, and not fail at the first call.
  const link = ['-shared', '-Wl,-z,now', '-fvisibility=hidden'];
  const flags = ['-O2', '-Wall', '-Wextra', '-fPIC', ...link, '-o', target, source];
  const { status, error, stderr } = spawnSync(compiler, flags, { encoding: 'utf8' });
  if (error !== undefined) return `not built: no C compiler (${compiler}); records are hashed one by one`;
  return status === 0 ? 'built' : `not built: the compiler failed\n${stderr}`;
}

process.stdout.write(`@sillok/proof native part: ${build()}\n`);
