/** `sillok sourcemaps`: brings the source maps of a release to the server, so that errors of pages name their sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface ReleaseOptions extends ServerOptions {
  readonly app: string;
  readonly release: string;
}

export function addSourceMaps(program: Command, io: Io, finish: Finish): void {
  const maps = program
    .command('sourcemaps')
    .description('source maps, so that errors of pages name their sources');
  const uploading = maps
    .command('upload')
    .description('upload all .map files of a folder for one release; with a key of the scope ingest')
    .argument('<folder>', 'what is served to pages, for instance dist')
    .requiredOption('--app <app>', 'the app, as given to init()')
    .requiredOption('--release <release>', 'the release, as given to init()');
  addServerOptions(uploading).action((folder: string, options: ReleaseOptions) =>
    finish(() => upload(folder, options, io)),
  );
  const removing = maps
    .command('remove')
    .description('remove the source maps of a release')
    .requiredOption('--app <app>', 'the app')
    .requiredOption('--release <release>', 'the release');
  addServerOptions(removing).action((options: ReleaseOptions) => finish(() => remove(options, io)));
  const listing = maps.command('list').description('list the releases that have source maps');
  addServerOptions(listing).action((options: ServerOptions) => finish(() => list(options, io)));
}

async function upload(folder: string, options: ReleaseOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const client = clientOf(options, io);
  const { app, release } = options;
  const files = mapFiles(folder);
  if (files.length === 0) {
    throw usageError(
      `there is no .map file in "${folder}"`,
      'Let the bundler write source maps (vite: build.sourcemap).',
    );
  }
  for (const path of files) {
    const file = relative(folder, path)
      .split(sep)
      .join('/')
      .replace(/\.map$/, '');
    await client.browser.uploadSourceMap({ app, release, file }, gzipSync(readFileSync(path)));
    output.note(output.colours.dim(safeLine(file)));
  }
  output.data({ app, release, files: files.length });
  output.text(`${files.length} source maps of ${safeLine(app)} ${safeLine(release)} are on the server`);
  return EXIT.ok;
}

function mapFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.map'));
  return files.map((entry) => join(entry.parentPath, entry.name)).toSorted();
}

async function remove({ app, release, ...options }: ReleaseOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  await clientOf(options, io).browser.removeSourceMaps({ app, release });
  output.data({ app, release, removed: true });
  output.text(`the source maps of ${safeLine(app)} ${safeLine(release)} are removed`);
  return EXIT.ok;
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const releases = await clientOf(options, io).browser.sourceMaps();
  output.data({ releases });
  const rows = releases.map(({ app, release, at, files }) => [
    app,
    release,
    at.slice(0, 16).replace('T', ' '),
    String(Object.keys(files).length),
  ]);
  output.text(tableText({ columns: ['app', 'release', 'uploaded', 'files'], rows, colours: output.colours }));
  return EXIT.ok;
}
