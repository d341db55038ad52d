/** What `sillok()` can be told, and where each setting comes from when it is not: environment, package.json, default. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import type { Resource } from '@sillok/record';
import { SPOOL_ROOT_DEFAULT } from './filenames.js';
import { toLevel, type LevelOrSilent } from './levels.js';
import type { IdentityOptions } from './identity/options.js';
import { HEARTBEAT_MS_DEFAULT } from './limits.js';
import { contextOptionsOf, type ContextOptions } from './propagation.js';
import type { RedactOptions } from './redaction.js';
import type { Serializers } from './serializers.js';

export interface SillokOptions {
  /** Name of the service. `SILLOK_SERVICE`, `OTEL_SERVICE_NAME`, or the name in package.json. */
  readonly service?: string | undefined;
  /** `SILLOK_SERVICE_VERSION`, or the version in package.json. */
  readonly version?: string | undefined;
  /** `SILLOK_ENVIRONMENT` or `NODE_ENV`. */
  readonly environment?: string | undefined;
  /** More about who writes, under OpenTelemetry's names. */
  readonly resource?: Resource | undefined;
  /** `SILLOK_LEVEL` or `LOG_LEVEL`; default `info`. */
  readonly level?: LevelOrSilent | undefined;
  /** Fields on every record. */
  readonly bindings?: object | undefined;
  readonly serializers?: Serializers | undefined;
  /** Paths that are never written, as in pino, or more settings; `false` writes everything as it is. */
  readonly redact?: readonly string[] | RedactOptions | false | undefined;
  /** Fields computed for each record. */
  readonly mixin?: ((fields: object, level: number) => object) | undefined;
  /**
   * The team's rule file (docs/guides/rules.md), applied to every record before it is written. Default: none, the server
   * applies its own.
   */
  readonly rules?: string | undefined;
  /** Whom to believe, which foreign ids to keep, which dialects to write. */
  readonly context?: ContextOptions | undefined;
  /** Where requests say who they are from, and the keys by which that becomes a pseudonym. */
  readonly identity?: IdentityOptions | undefined;
  /** Paths of fields that are encrypted with the key of their person: `customer.name`, `shipping`, `*.address`. */
  readonly personal?: readonly string[] | undefined;
  /** The server. `SILLOK_URL`. Without it records stay in the spool, for `sillok ship`. */
  readonly url?: string | undefined;
  /** `SILLOK_KEY`: a key with the scope `ingest`. */
  readonly key?: string | undefined;
  /** Root folder of the spools. `SILLOK_SPOOL_DIR`; default `.sillok/spool`. */
  readonly spoolDirectory?: string | undefined;
  /** `always` waits for the disk at each record. Default `group`: at most 200 ms may be lost in a power cut. */
  readonly sync?: 'group' | 'always' | undefined;
  /**
   * Write records through memory where the native part is there: three times faster than a system call each, with the same
   * promises. Default true; `SILLOK_MAPPED=0` switches it off.
   */
  readonly mapped?: boolean | undefined;
  /** Largest size of this process's spool folder. */
  readonly quotaBytes?: number | undefined;
  readonly segmentBytesMax?: number | undefined;
  /** What is printed besides: `pretty`, `json`, `none`; default pretty on a terminal in development, else none. */
  readonly stdout?: 'pretty' | 'json' | 'none' | undefined;
  /** Records what kills the process. Default true. */
  readonly captureFatal?: boolean | undefined;
  /** Records Node's warnings. Default true. */
  readonly captureWarnings?: boolean | undefined;
  /** Records what is written by `console`. Default false. */
  readonly captureConsole?: boolean | undefined;
  /** Time between two signs of life; 0 for none. */
  readonly heartbeatMs?: number | undefined;
  /** Responses carry a flush token (`x-sillok-token`). `SILLOK_TEST=1`. */
  readonly testMode?: boolean | undefined;
}

export interface Settings {
  readonly service: string;
  readonly resource: Resource;
  readonly level: LevelOrSilent;
  readonly redact: RedactOptions | false;
  readonly context: ContextOptions;
  readonly identity: IdentityOptions;
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly root: string;
  readonly stdout: 'pretty' | 'json' | 'none';
  readonly heartbeatMs: number;
  readonly isTest: boolean;
  /** `SILLOK_DISABLED=1`: nothing is kept, sent or printed. */
  readonly isDisabled: boolean;
  readonly isMapped: boolean;
  readonly options: SillokOptions;
}

export function resolveSettings(options: SillokOptions): Settings {
  const env = process.env;
  const manifest = readManifest();
  const service =
    options.service ?? env['SILLOK_SERVICE'] ?? env['OTEL_SERVICE_NAME'] ?? manifest.name ?? 'service';
  const version = options.version ?? env['SILLOK_SERVICE_VERSION'] ?? manifest.version;
  const environment = options.environment ?? env['SILLOK_ENVIRONMENT'] ?? env['NODE_ENV'];
  return {
    service,
    resource: {
      'service.name': service,
      ...(version === undefined ? {} : { 'service.version': version }),
      'service.instance.id': `${hostname()}:${process.pid}${threadId === 0 ? '' : `:${threadId}`}`,
      'host.name': hostname(),
      'process.pid': process.pid,
      'process.runtime.name': 'nodejs',
      'process.runtime.version': process.versions.node,
      ...(environment === undefined ? {} : { 'deployment.environment.name': environment }),
      ...options.resource,
    },
    level: options.level ?? toLevel(env['SILLOK_LEVEL'] ?? env['LOG_LEVEL']) ?? 'info',
    redact: redactOf(options.redact),
    context: contextOptionsOf(options.context, env),
    identity: { ...options.identity, keys: options.identity?.keys ?? env['SILLOK_IDENTITY_KEYS'] },
    // An empty variable is none: that is how a deployment switches it off.
    url: (options.url ?? env['SILLOK_URL']) || undefined,
    key: options.key ?? env['SILLOK_KEY'],
    root: options.spoolDirectory ?? env['SILLOK_SPOOL_DIR'] ?? SPOOL_ROOT_DEFAULT,
    stdout: options.stdout ?? stdoutDefault(),
    heartbeatMs: options.heartbeatMs ?? HEARTBEAT_MS_DEFAULT,
    isMapped: options.mapped ?? env['SILLOK_MAPPED'] !== '0',
    isDisabled: env['SILLOK_DISABLED'] === '1',
    isTest: options.testMode ?? env['SILLOK_TEST'] === '1',
    options,
  };
}

function redactOf(given: SillokOptions['redact']): RedactOptions | false {
  if (given === undefined) return {};
  return isPathList(given) ? { paths: given } : given;
}

function isPathList(given: readonly string[] | RedactOptions | false): given is readonly string[] {
  return Array.isArray(given);
}

const STDOUT = ['pretty', 'json', 'none'] as const;

function stdoutDefault(): Settings['stdout'] {
  const asked = STDOUT.find((each) => each === process.env['SILLOK_STDOUT']);
  if (asked !== undefined) return asked;
  return process.stdout.isTTY === true && process.env['NODE_ENV'] !== 'production' ? 'pretty' : 'none';
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

/** The host's package.json, in the folder in which it was started. */
function readManifest(): Manifest {
  try {
    const manifest: Manifest = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8'));
    const { name, version } = manifest;
    return {
      ...(typeof name === 'string' && name !== '' ? { name } : {}),
      ...(typeof version === 'string' && version !== '' ? { version } : {}),
    };
  } catch {
    return {};
  }
}
