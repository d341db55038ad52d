/**
 * Brings a fresh clone to a state in which it can run: Node version, npm packages, build, Debian packages.
 * Used by `npm start`, `npm test`, `npm run check` and CI. Plain JavaScript, since nothing is built yet when it runs.
 * Every step says what it does and how long it took, because the engine is a download of about 150 MB.
 */
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wantedPackages } from './debian.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const PROGRESS_EVERY_MS = 10_000;
const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs a command with its output shown; resolves with its exit code. When this process is stopped, so is the command, and
 * this process ends after it: an `npm ci` that went on alone would meet the one of the next start.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options });
    let stoppedBy;
    const stop = (signal) => {
      stoppedBy = signal;
      // A terminal sends SIGINT to the whole group by itself.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill('SIGTERM');
    };
    for (const signal of STOPPING) process.on(signal, stop);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of STOPPING) process.off(each, stop);
      if (stoppedBy === undefined) return resolve(signal ? 128 : (code ?? 1));
      say('stopped; run the command again, it goes on from here');
      process.exit(130);
    });
  });
}

async function step(title, work) {
  const started = Date.now();
  say(`• ${title} …`);
  const timer = setInterval(
    () => say(`  still at it: ${title} (${Math.round((Date.now() - started) / 1000)} s)`),
    PROGRESS_EVERY_MS,
  );
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  say(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function fail(what, help) {
  say(`\n✗ ${what}\n  ${help}`);
  process.exit(1);
}

export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Sillok needs Node 20.19 or newer; this is ${process.versions.node}.`,
    'Install a newer Node (https://nodejs.org) and run the command again. Nothing was changed.',
  );
}

/** npm writes this file when it has installed; a lock file that is newer has changed since. */
const INSTALLED = join(root, 'node_modules', '.package-lock.json');

function isInstalled() {
  return (
    existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

/** Installs the npm packages when they are missing or when the lock file has changed since. */
export async function installPackages() {
  if (isInstalled()) return;
  await step(
    'installing npm packages, the ClickHouse engine among them (about 150 MB to download, 570 MB on disk)',
    async () => {
      const code = await run('npm', [
        'ci',
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        '--loglevel=error',
      ]);
      if (code === 0) return;
      fail(
        'npm ci failed (its message is above).',
        'Check the connection to the npm registry and free disk space (2 GB), then run the command again.',
      );
    },
  );
}

/** Compiles all packages, then bundles the browser SDK and the console. */
export async function build() {
  const natives = ['node', 'proof'].map((name) => join(root, 'packages', name, 'native', 'build.mjs'));
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const console = { cwd: join(root, 'apps', 'console') };
  await step('building', async () => {
    const compiled = (await run(process.execPath, [tsc, '-b'])) === 0;
    // Optional, and silent about themselves: without a C compiler the SDK writes record by record, and hashes are made one by one.
    for (const native of compiled ? natives : []) await run(process.execPath, [native], { stdio: 'ignore' });
    const sdk = join(root, 'packages', 'browser', 'bundle.mjs');
    const forPages = compiled && (await run(process.execPath, [sdk])) === 0;
    const bundled =
      forPages && (await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], console)) === 0;
    if (bundled) return;
    fail(
      'the build failed (its message is above).',
      'On an unchanged clone this is a bug: please report it.',
    );
  });
}

function hasCommand(name) {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/bin'];
  return places.some((place) => existsSync(join(place, name)));
}

function installed(pkg) {
  const answer = spawnSync('dpkg-query', ['-W', '-f=${Status}', pkg], { encoding: 'utf8' });
  return answer.status === 0 && answer.stdout.includes('install ok installed');
}

/** Installs Debian packages when this is Debian and we are root; otherwise says which tests will be skipped. */
export async function installDebianPackages() {
  const packages = wantedPackages(hasCommand);
  if (spawnSync('dpkg-query', ['--version']).error) {
    say('• not a Debian system: tests that need its packages will be skipped by name');
    return;
  }
  const missing = packages.filter((pkg) => !installed(pkg));
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    say(`• not root, so these stay missing and their tests are skipped by name: ${missing.join(', ')}`);
    return;
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const quiet = { env: environment, stdio: ['ignore', 'ignore', 'inherit'] };
  await step(`installing Debian packages for the tests: ${missing.join(', ')}`, async () => {
    await run('apt-get', ['update', '-qq'], quiet);
    const all = await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quiet);
    if (all === 0) return;
    // One package that cannot be had must not cost the others.
    for (const pkg of missing) {
      if ((await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', pkg], quiet)) !== 0)
        say(`  could not install ${pkg}`);
    }
  });
}

/**
 * Installs Prisma for the tests, as a service has it, into a folder of its own: with its command line it is 300 MB, which is more
 * than a clone should bring. Without a registry its tests are skipped by name.
 */
export async function installPrisma() {
  const wanted = join(root, 'test', 'lib', 'prisma', 'package.json');
  const home = join(root, 'node_modules', '.cache', 'prisma');
  const own = join(home, 'package.json');
  // npm writes this file last: an install that was stopped is done again.
  const done = join(home, 'node_modules', '.package-lock.json');
  const isSame = existsSync(own) && readFileSync(own, 'utf8') === readFileSync(wanted, 'utf8');
  if (isSame && existsSync(done)) return;
  rmSync(done, { force: true });
  mkdirSync(home, { recursive: true });
  copyFileSync(wanted, own);
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  await step('installing Prisma for the tests (300 MB on disk, in node_modules/.cache)', async () => {
    if ((await run('npm', ['install', ...quiet, '--fetch-retries=1'], { cwd: home })) === 0) return;
    rmSync(done, { force: true });
    say('  could not install Prisma: its tests are skipped by name');
  });
}
