/**
 * Prisma's whole client, generated from our schema as a service generates it. `installPrisma` of tools/lib/prepare.mjs has put the
 * packages into a folder of their own; their `pg` is not the one of this repository.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type pg from 'pg';

const root = join(import.meta.dirname, '..', '..');
const installed = join(root, 'node_modules', '.cache', 'prisma');

/** Why there is no Prisma to test with, for the name of a skipped test; undefined when there is one. */
export const prismaMissing: string | undefined = existsSync(
  join(installed, 'node_modules', '.package-lock.json'),
)
  ? undefined
  : 'needs Prisma, which npm test installs';

interface Member {
  readonly id: number;
  readonly email: string;
  readonly orders?: readonly Order[];
}
interface Order {
  readonly id: string;
  readonly state: string;
}

/** What our tests use of a model; the generated types are far larger and held against ours by `checkTypes`. */
interface Model<R> {
  findUnique(query: object): PromiseLike<R | null>;
  findMany(query?: object): PromiseLike<R[]>;
  create(query: object): PromiseLike<R>;
  update(query: object): PromiseLike<R>;
  updateMany(query: object): PromiseLike<{ readonly count: number }>;
  upsert(query: object): PromiseLike<R>;
  delete(query: object): PromiseLike<R>;
}

export interface PrismaTx {
  readonly member: Model<Member>;
  readonly order: Model<Order>;
  $queryRaw(sql: TemplateStringsArray, ...values: readonly unknown[]): PromiseLike<unknown>;
  $executeRaw(sql: TemplateStringsArray, ...values: readonly unknown[]): PromiseLike<number>;
  $queryRawUnsafe(sql: string, ...values: readonly unknown[]): PromiseLike<unknown>;
  $executeRawUnsafe(sql: string, ...values: readonly unknown[]): PromiseLike<number>;
}

export interface Prisma extends PrismaTx {
  $transaction(queries: readonly PromiseLike<unknown>[]): Promise<readonly unknown[]>;
  $transaction<T>(work: (tx: PrismaTx) => Promise<T>, options?: { readonly timeout?: number }): Promise<T>;
  $extends(extension: object): Prisma;
  $disconnect(): Promise<void>;
}

export interface GeneratedPrisma {
  /** Holds the generated client, compiled: `js/client.js`. */
  readonly folder: string;
  /** The module below its driver adapter. */
  readonly pg: typeof pg;
  readonly connect: (
    config: pg.PoolConfig,
    options?: { readonly statementNameGenerator?: (query: { readonly sql: string }) => string },
  ) => Prisma;
  /** Throws what the compiler says of a module beside the generated client that imports what we publish. */
  readonly checkTypes: (source: string) => void;
  readonly dispose: () => void;
}

/** On a busy machine a transaction must not give up by itself. */
const PATIENT = { maxWait: 60_000, timeout: 60_000 };

/** Generates and loads the client. */
export async function generatePrisma(): Promise<GeneratedPrisma> {
  const folder = mkdtempSync(join(tmpdir(), 'sillok-prisma-'));
  const modules = join(folder, 'node_modules');
  symlinkSync(join(installed, 'node_modules'), modules);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  copyFileSync(join(import.meta.dirname, 'prisma', 'schema.prisma'), join(folder, 'schema.prisma'));
  run(folder, [join(modules, 'prisma', 'build', 'index.js'), 'generate', '--schema', 'schema.prisma']);
  compile(folder);
  const load = createRequire(join(folder, 'package.json'));
  const { PrismaPg } = load('@prisma/adapter-pg');
  const { PrismaClient } = await import(pathToFileURL(join(folder, 'js', 'client.js')).href);
  return {
    folder,
    pg: load('pg'),
    connect: (config, options) =>
      new PrismaClient({ adapter: new PrismaPg(config, options), transactionOptions: PATIENT }),
    checkTypes: (source) => checkTypes(folder, source),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');

/** Node 20 runs no TypeScript. */
function compile(folder: string): void {
  const compilerOptions = { ...COMPILER_OPTIONS, strict: false, rootDir: 'client', outDir: 'js' };
  configure(folder, { compilerOptions, files: [join('client', 'client.ts')] });
  run(folder, [tsc, '-p', '.']);
}

function checkTypes(folder: string, source: string): void {
  writeFileSync(join(folder, 'module.ts'), source);
  const audit = join(root, 'packages', 'node', 'dist', 'audit', 'index.d.ts');
  const paths = { '@sillok/node/audit': [audit] };
  configure(folder, { compilerOptions: { ...COMPILER_OPTIONS, noEmit: true, paths }, files: ['module.ts'] });
  run(folder, [tsc, '-p', '.']);
}

const COMPILER_OPTIONS = {
  module: 'nodenext',
  target: 'es2023',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
  typeRoots: [join(root, 'node_modules', '@types')],
};

function configure(folder: string, config: object): void {
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
}

function run(cwd: string, args: readonly string[]): void {
  // Its engine for migrations would be downloaded, and new versions asked for; neither is of use here.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}${stdout}`);
}
