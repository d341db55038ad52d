import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

const prepare = fileURLToPath(new URL('prepare.mjs', import.meta.url));

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s to a start that installs ends the installer, too',
  async (signal) => {
    const installer = `console.log(process.pid); setInterval(() => undefined, 1000)`;
    const script = `
    const { run } = await import(${JSON.stringify(prepare)});
    await run(process.execPath, ['-e', ${JSON.stringify(installer)}]);
    console.log('went on');`;
    const start = spawn(process.execPath, ['--input-type=module', '-e', script]);
    let out = '';
    start.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    await vi.waitFor(() => expect(out).toMatch(/^\d+\n/), 20_000);
    const pid = Number.parseInt(out, 10);
    start.kill(signal);
    const [code]: unknown[] = await once(start, 'exit');
    expect(code).toBe(130);
    expect(out).not.toContain('went on');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  },
);
