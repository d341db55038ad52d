/** The programs of docs/guides/audit-other-languages.md, as they stand there, against a real server. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditPage } from '@sillok/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../lib/programs.js';
import { root, startTestServer, until, type TestServer } from '../lib/server.js';

const guide = readFileSync(join(root, 'docs', 'guides', 'audit-other-languages.md'), 'utf8');
let server: TestServer;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sillok-audit-languages-'));
  server = await startTestServer();
});
afterAll(async () => {
  await server.dispose();
  rmSync(folder, { recursive: true, force: true });
});

/** The guide's code block of a language, in a file. */
function program(language: string, name: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'm').exec(guide)?.[1];
  if (code === undefined) throw new Error(`the guide has no ${language}`);
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

function run(file: string, args: readonly string[]): void {
  const env = { ...process.env, SILLOK_URL: server.url, SILLOK_KEY: server.key };
  const more = { GO111MODULE: 'off', GOCACHE: join(folder, 'go-cache') };
  const { status, stderr, stdout } = spawnSync(file, args, { encoding: 'utf8', env: { ...env, ...more } });
  expect(status, stderr + stdout).toBe(0);
}

async function endsOf(id: string): Promise<AuditPage['changes']> {
  let changes: AuditPage['changes'] = [];
  await until(`order/${id} is in the trail`, 30_000, async () => {
    ({ changes } = await server.get<AuditPage>(`/api/audit?entity=order/${id}`));
    return changes[0] !== undefined && changes[0].outcome !== 'intent';
  });
  return changes;
}

const LANGUAGES = [
  { name: 'Python', tool: 'python3', id: 'py', start: () => run('python3', [program('python', 'a.py')]) },
  { name: 'Go', tool: 'go', id: 'go', start: () => run('go', ['run', program('go', 'main.go')]) },
  { name: 'Java', tool: 'javac', id: 'java', start: () => run('java', [program('java', 'Audit.java')]) },
];

for (const { name, tool, id, start } of LANGUAGES) {
  test.skipIf(command(tool) === undefined)(
    `${name}: a change has its intent, its end and its difference, a failed one says so (needs ${tool})`,
    { timeout: 120_000 },
    async () => {
      start();
      expect(await endsOf(`${id}-1`)).toMatchObject([
        {
          outcome: 'committed',
          actor: { type: 'admin', id: 'kim' },
          diff: [{ path: 'state', before: 'paid', after: 'refunded' }],
          records: [{}, {}],
        },
      ]);
      expect(await endsOf(`${id}-2`)).toMatchObject([{ outcome: 'failed', records: [{}, {}] }]);
    },
  );
}
