/**
 * Can the embedded engine run here? Answered without loading it (the library is 566 MB).
 *
 * chdb has builds for glibc Linux and macOS. Elsewhere npm "installs" it without a library, so absence is looked
 * for and said in words, with what to do instead.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export type EngineAvailability =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string; readonly help: string };

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@chdb/lib-darwin-arm64',
  'darwin-x64': '@chdb/lib-darwin-x64',
  'linux-x64': '@chdb/lib-linux-x64-gnu',
  'linux-arm64': '@chdb/lib-linux-arm64-gnu',
};

const USE_SERVER = 'Or point SILLOK_CLICKHOUSE_URL at a ClickHouse server.';

/** The program of the child. Tests on sources start the built file too. */
export const engineMainPath: string = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** The npm package with chdb's library for this machine. */
export function platformPackage(): string | undefined {
  return PACKAGES[`${process.platform}-${process.arch}`];
}

export function engineAvailable(): EngineAvailability {
  const name = platformPackage();
  if (name === undefined) {
    return {
      ok: false,
      reason: `the embedded engine has no build for ${process.platform} on ${process.arch}`,
      help: `Run Sillok on glibc Linux or macOS (x64 or arm64). ${USE_SERVER}`,
    };
  }
  if (process.platform === 'linux' && isMusl()) {
    return {
      ok: false,
      reason: 'the embedded engine needs glibc, and this Linux uses musl (Alpine)',
      help: `Use a Debian or Ubuntu based image. ${USE_SERVER}`,
    };
  }
  try {
    const require = createRequire(import.meta.url);
    createRequire(require.resolve('chdb/package.json')).resolve(name);
    return { ok: true };
  } catch {
    return {
      ok: false,
      reason: `the optional package ${name} is not installed`,
      help: `Run npm install without --omit=optional. ${USE_SERVER}`,
    };
  }
}

function isMusl(): boolean {
  const report: unknown = process.report.getReport();
  const header: unknown = report instanceof Object && 'header' in report ? report.header : undefined;
  return !(header instanceof Object && 'glibcVersionRuntime' in header);
}
