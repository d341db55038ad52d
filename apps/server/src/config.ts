/**
 * Every setting of the server, in one table: an environment variable and a flag each. `docs/reference/settings.md` is
 * generated from this table (`tools/settings-page.mjs`). A flag wins over the environment.
 */
import { KINDS, type Kind } from '@sillok/record';

import { ConfigError } from './errors.js';
import type { LogLevel } from './log.js';
import { SIGN_IN_SETTINGS } from './config-sign-in.js';
import { bytes, flag, integer, networks, oneOf, text, type Setting } from './setting-kinds.js';

const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export const SETTINGS = {
  host: text(
    {
      env: 'SILLOK_HOST',
      flag: 'host',
      help: 'Address to listen on. Anything but loopback is reachable by others.',
    },
    '127.0.0.1',
    'address',
  ),
  port: integer(
    {
      env: 'SILLOK_PORT',
      flag: 'port',
      help: 'Port of everything: ingest, API, console. 0 takes a free one.',
    },
    4318,
    65535,
  ),
  dataDirectory: text(
    { env: 'SILLOK_DATA_DIR', flag: 'data', help: 'Where all data lives. One server per folder.' },
    './data',
    'folder',
  ),
  publicUrl: text(
    {
      env: 'SILLOK_PUBLIC_URL',
      flag: 'public-url',
      help: 'Address at which people reach this server: for links in messages, invitations and sign-in. Without it: where it listens.',
    },
    '',
    'URL',
  ),
  trustedProxies: networks({
    env: 'SILLOK_TRUSTED_PROXIES',
    flag: 'trusted-proxies',
    help: 'Addresses or networks of reverse proxies, with commas: theirs is the word (X-Forwarded-For) from where a request came.',
  }),
  ...SIGN_IN_SETTINGS,
  identityDirectory: text(
    {
      env: 'SILLOK_IDENTITY_DIR',
      flag: 'identity-dir',
      help: 'Keys of persons: pseudonyms, sealed fields. Keep it out of backups of the data. Default: identity in the data folder.',
    },
    '',
    'folder',
  ),
  smtpUrl: text(
    {
      env: 'SILLOK_SMTP_URL',
      flag: 'smtp-url',
      help: 'Mail server for alerts and reports, as smtp://user:password@host:587 or smtps://…. Without it: no mail.',
    },
    '',
    'URL',
  ),
  mailFrom: text(
    { env: 'SILLOK_MAIL_FROM', flag: 'mail-from', help: 'Sender of that mail.' },
    'sillok@localhost',
    'address',
  ),
  allowPrivateTargets: flag({
    env: 'SILLOK_ALLOW_PRIVATE_TARGETS',
    flag: 'allow-private-targets',
    help: 'Let webhooks of alerts reach private and loopback addresses: for a chat server in one’s own network.',
  }),
  alertResolveSeconds: integer(
    {
      env: 'SILLOK_ALERT_RESOLVE_SECONDS',
      flag: 'alert-resolve-seconds',
      help: 'Seconds without another record after which an alert resolves itself, at least 5; sparse ones wait longer. What is looked for by the clock (silence, gaps, rules) waits 120 at least.',
    },
    120,
    3_600,
  ),
  adminServices: text(
    {
      env: 'SILLOK_ADMIN_SERVICES',
      flag: 'admin-services',
      help: 'A JSON file with the services whose admin API the console opens: docs/guides/first-admin-entity.md.',
    },
    '',
    'file',
  ),
  slackApiUrl: text(
    {
      env: 'SILLOK_SLACK_API_URL',
      flag: 'slack-api-url',
      help: 'Where Slack bots are called: another address for GovSlack or a proxy.',
    },
    'https://slack.com/api',
    'URL',
  ),
  openLoopback: flag({
    env: 'SILLOK_OPEN_LOOPBACK',
    flag: 'open-loopback',
    help: 'Take records from this machine without a key, into the project default. Host and Origin are checked.',
  }),
  logLevel: oneOf(
    { env: 'SILLOK_LOG_LEVEL', flag: 'log-level', help: 'What the server says about itself on stderr.' },
    LOG_LEVELS,
    'info',
  ),
  clickhouseUrl: text(
    {
      env: 'SILLOK_CLICKHOUSE_URL',
      flag: 'clickhouse-url',
      help: 'A ClickHouse server to use instead of the embedded engine.',
    },
    '',
    'URL',
  ),
  clickhouseUser: text(
    { env: 'SILLOK_CLICKHOUSE_USER', flag: 'clickhouse-user', help: 'User at that server.' },
    'default',
  ),
  clickhousePassword: text(
    { env: 'SILLOK_CLICKHOUSE_PASSWORD', flag: 'clickhouse-password', help: 'Password at that server.' },
    '',
  ),
  clickhouseDatabase: text(
    {
      env: 'SILLOK_CLICKHOUSE_DATABASE',
      flag: 'clickhouse-database',
      help: 'Database that holds the tables.',
    },
    'sillok',
  ),
  clickhouseCluster: text(
    {
      env: 'SILLOK_CLICKHOUSE_CLUSTER',
      flag: 'clickhouse-cluster',
      help: 'Name of a cluster there: tables become Replicated and Distributed.',
    },
    '',
  ),
  redact: oneOf(
    {
      env: 'SILLOK_REDACT',
      flag: 'redact',
      help: 'Hide secrets and personal numbers in records that no SDK of Sillok has written, before they reach the disk.',
    },
    ['on', 'off'],
    'on',
  ),
  rulesFile: text(
    {
      env: 'SILLOK_RULES',
      flag: 'rules',
      help: 'Rules for routes, units, levels and aliases, applied to every record that is taken: docs/guides/rules.md.',
    },
    '',
    'file',
  ),
  ballastBytes: bytes(
    {
      env: 'SILLOK_BALLAST_BYTES',
      flag: 'ballast',
      help: 'Size of a file that is given up first when the disk is full, so that retention can still work. 0: none.',
    },
    64 * 2 ** 20,
  ),
  diskFreeBytesMin: bytes(
    {
      env: 'SILLOK_DISK_FREE_MIN',
      flag: 'disk-free-min',
      help: 'Less free space than this on the data disk: new records are refused with 507 before the disk is full.',
    },
    128 * 2 ** 20,
  ),
  databasesFile: text(
    {
      env: 'SILLOK_DATABASES',
      flag: 'databases',
      help: 'A file of PostgreSQL and MySQL databases that people may look into, read-only: docs/guides/databases.md.',
    },
    '',
    'file',
  ),
  checkpointTo: text(
    {
      env: 'SILLOK_CHECKPOINT_TO',
      flag: 'checkpoint-to',
      help: 'Mail addresses and webhooks of Slack, by comma, that checkpoints of the audit log are told to on a schedule.',
    },
    '',
    'addresses',
  ),
  checkpointSchedule: text(
    { env: 'SILLOK_CHECKPOINT_SCHEDULE', flag: 'checkpoint-schedule', help: 'When: five fields of cron.' },
    '0 9 * * *',
    'cron',
  ),
  checkpointTimezone: text(
    { env: 'SILLOK_CHECKPOINT_TIMEZONE', flag: 'checkpoint-timezone', help: 'In which time zone.' },
    'Asia/Seoul',
    'zone',
  ),
  checkpointFile: text(
    {
      env: 'SILLOK_CHECKPOINT_FILE',
      flag: 'checkpoint-file',
      help: 'A file that signed checkpoints of the audit log are appended to, best on a disk of somebody else: docs/guides/audit-proof.md.',
    },
    '',
    'file',
  ),
  syslogPort: integer(
    {
      env: 'SILLOK_SYSLOG_PORT',
      flag: 'syslog-port',
      help: 'Port for syslog over TCP and UDP. 0: no syslog.',
    },
    0,
    65535,
  ),
  syslogProject: text(
    {
      env: 'SILLOK_SYSLOG_PROJECT',
      flag: 'syslog-project',
      help: 'Project of what comes by syslog, which has no keys.',
    },
    'default',
  ),
} as const;

/** How long records of each kind are kept. 0 days: for ever. */
const RETENTION_DAYS: Readonly<Record<Kind, number>> = {
  log: 30,
  span: 14,
  audit: 0,
  event: 90,
  access: 30,
  script: 365,
};

export const RETENTION_SETTINGS: readonly {
  kind: Kind;
  days: Setting<number>;
  diskBytes: Setting<number>;
}[] = KINDS.map((kind) => ({
  kind,
  days: integer(
    {
      env: `SILLOK_RETENTION_${kind.toUpperCase()}_DAYS`,
      flag: `retention-${kind}-days`,
      help: `Days that records of kind ${kind} are kept. 0: for ever.`,
    },
    RETENTION_DAYS[kind],
    36_500,
  ),
  diskBytes: bytes(
    {
      env: `SILLOK_RETENTION_${kind.toUpperCase()}_DISK`,
      flag: `retention-${kind}-disk`,
      help: `Disk for records of kind ${kind}, rows and segments; the oldest day goes first. 0: no limit.`,
    },
    0,
  ),
}));

type Values = {
  readonly [K in keyof typeof SETTINGS]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};
export interface Retention {
  readonly days: number;
  readonly diskBytes: number;
}
export interface Config extends Values {
  readonly retention: Readonly<Record<Kind, Retention>>;
}

export interface ConfigSource {
  /** Arguments after the command: `--port 4318`, `--port=4318`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Throws `ConfigError` with a sentence for the user: an unknown flag or a value that does not fit stops the start. */
export function readConfig(source: ConfigSource = {}): Config {
  const flags = readFlags(source.args ?? []);
  const env = source.env ?? {};
  const take = <T>(setting: Setting<T>): T => readSetting(setting, flags, env);
  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => [name, take<unknown>(setting)]),
  );
  const retention = Object.fromEntries(
    RETENTION_SETTINGS.map(({ kind, days, diskBytes }) => [
      kind,
      { days: take(days), diskBytes: take(diskBytes) },
    ]),
  );
  for (const name of flags.keys()) if (!flagNames().includes(name)) throw unknownFlag(name);
  // The keys are those of SETTINGS and KINDS, and each value came from the parser of its setting.
  return { ...values, retention } as unknown as Config;
}

/** All settings at their presets, with changes. For tests and for programs that embed the server. */
export function presetConfig(changes: Partial<Config> = {}): Config {
  return { ...readConfig(), ...changes };
}

export function allSettings(): readonly Setting<unknown>[] {
  return [
    ...Object.values(SETTINGS),
    ...RETENTION_SETTINGS.flatMap(({ days, diskBytes }) => [days, diskBytes]),
  ];
}

function flagNames(): string[] {
  return allSettings().map((setting) => setting.flag);
}

function readSetting<T>(
  setting: Setting<T>,
  flags: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): T {
  const fromFlag = flags.get(setting.flag);
  // An empty variable is what compose files and shells make of one that is not set.
  const given = fromFlag ?? (env[setting.env] || undefined);
  if (given === undefined) return setting.preset;
  const value = setting.parse(given);
  if (value !== undefined) return value;
  const name = fromFlag === undefined ? setting.env : `--${setting.flag}`;
  throw new ConfigError(`${name}=${given} cannot be used: it takes ${setting.form}.`);
}

function readFlags(args: readonly string[]): Map<string, string> {
  const flags = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const match = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(args[index] ?? '');
    if (match === null) throw new ConfigError(`"${args[index]}" is not a flag of the server.`);
    const next = args[index + 1];
    const takesNext = match[2] === undefined && next !== undefined && !next.startsWith('--');
    if (takesNext) index += 1;
    flags.set(match[1] ?? '', match[2] ?? (takesNext ? next : ''));
  }
  return flags;
}

function unknownFlag(name: string): ConfigError {
  const near = flagNames().find((each) => each.startsWith(name.slice(0, 4)));
  return new ConfigError(
    `--${name} is not a flag of the server.${near === undefined ? '' : ` Did you mean --${near}?`}`,
  );
}
