/**
 * Configuration of the engine: memory, threads, and what it must never do.
 *
 * The sum of server and engine has a budget of 700 MiB, so caches, pools and merges are capped here (docs/internals/
 * engine.md has the measurements). The users file is the wall behind the SQL guard: no network, no foreign databases,
 * no dictionaries, no backups, no shutdown. Reading files must stay, because the writer's inserts do it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, SPILL_DIRECTORY, USERS_FILE } from '../filenames.js';
import { MEMORY } from '../memory.js';

/** Writes the files and returns the arguments with which each connection is opened. */
export function writeConfig(dataDirectory: string): readonly string[] {
  const configPath = join(dataDirectory, CONFIG_FILE);
  const spill = join(dataDirectory, SPILL_DIRECTORY);
  rmSync(spill, { recursive: true, force: true });
  mkdirSync(spill, { recursive: true });
  writeFileSync(join(dataDirectory, USERS_FILE), usersXml(), { mode: 0o600 });
  writeFileSync(configPath, configXml(join(dataDirectory, USERS_FILE), spill), { mode: 0o600 });
  const server = Object.entries(MEMORY.server).map(([name, value]) => `--${name}=${value}`);
  return [`--config-file=${configPath}`, ...server];
}

function configXml(usersPath: string, spill: string): string {
  const mergeTree = Object.entries(MEMORY.mergeTree).map(
    ([name, value]) => `    <${name}>${value}</${name}>`,
  );
  return `<clickhouse>
  <users_config>${escapeXml(usersPath)}</users_config>
  <tmp_path>${escapeXml(spill)}/</tmp_path>
  <access_control_improvements>
    <enable_read_write_grants>true</enable_read_write_grants>
  </access_control_improvements>
  <merge_tree>
${mergeTree.join('\n')}
  </merge_tree>
</clickhouse>
`;
}

/** What our own statements need, and nothing else. `READ ON FILE` cannot be narrowed to a folder (measured). */
const GRANTS = [
  'SHOW, SELECT, INSERT, ALTER, CREATE DATABASE, CREATE TABLE, CREATE VIEW, DROP, TRUNCATE, OPTIMIZE ON *.*',
  ...['MergeTree', 'ReplicatedMergeTree', 'Distributed', 'Memory', 'Null', 'View'].map(
    (engine) => `TABLE ENGINE ON ${engine}`,
  ),
  'KILL QUERY, INTROSPECTION, SYSTEM MERGES, SYSTEM FLUSH, SYSTEM DROP CACHE, SYSTEM JEMALLOC, SYSTEM SYNC REPLICA ON *.*',
  'CREATE TEMPORARY TABLE ON *.*',
  'READ ON FILE',
] as const;

function usersXml(): string {
  const grants = GRANTS.map((grant) => `        <query>GRANT ${grant}</query>`).join('\n');
  const profile = Object.entries(MEMORY.profile).map(([name, value]) => `      <${name}>${value}</${name}>`);
  return `<clickhouse>
  <profiles>
    <default>
${profile.join('\n')}
    </default>
  </profiles>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <grants>
${grants}
      </grants>
    </default>
  </users>
</clickhouse>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
