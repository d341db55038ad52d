/**
 * Bundles the SDK for pages without a bundler (`dist/sillok-browser.js`, an ES module with everything of the core in it; what
 * is loaded later is a chunk beside it) and says how large it is. The server hands these files out under /v1/browser/.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = dirname(fileURLToPath(import.meta.url));

/** Chunks as they would be written. Tests measure them. */
export async function bundle({ write = false } = {}) {
  const build = await rolldown({
    input: { 'sillok-browser': join(here, 'src', 'index.ts') },
    platform: 'browser',
    resolve: { conditionNames: ['source', 'import', 'default'] },
    logLevel: 'warn',
  });
  const options = {
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'sillok-[name]-[hash].js',
  };
  const { output } = write
    ? await build.write({ ...options, dir: join(here, 'dist', 'bundle') })
    : await build.generate(options);
  await build.close();
  return output;
}

/** A page's own script, for production, with its source map: the tests' pages are made with it. */
export async function bundleApp(input) {
  const build = await rolldown({
    input,
    platform: 'browser',
    resolve: { conditionNames: ['source', 'import', 'default'] },
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    logLevel: 'silent',
  });
  const { output } = await build.generate({ format: 'esm', minify: true, sourcemap: true });
  await build.close();
  return { code: output[0].code, map: JSON.stringify(output[0].map) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { fileName, code } of await bundle({ write: true }))
    process.stdout.write(`${fileName} ${code.length} bytes\n`);
}
