/** `sillok serve`: the server. Its flags are those of its settings; `allSettings` of the server knows them. */
import type { Command } from 'commander';
import { addJsonOption } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';

/** The shape of the server's table of settings, without importing the server to build the other commands. */
export interface ServeSetting {
  readonly env: string;
  readonly flag: string;
  readonly form: string;
  readonly preset: unknown;
  readonly help: string;
}

export function addServe(
  program: Command,
  settings: readonly ServeSetting[],
  run: { io: Io; finish: Finish },
): void {
  const command = addJsonOption(
    program.command('serve').description('run the server: ingest, search and console on one port'),
  );
  for (const { flag, env, form, preset, help } of settings) {
    const presetText = preset === '' || preset === false ? '' : `; ${String(preset)}`;
    command.option(`--${flag} [${placeholder(form)}]`, `${help} (${env}${presetText})`);
  }
  command.action((options: { readonly json?: boolean }) =>
    run.finish(() => serve(command, options.json === true, run.io)),
  );
}

/** `debug|info|…` for a list of words, `bytes` for "bytes, as 500M or 20G". */
function placeholder(form: string): string {
  const words = form.split(/, | or /);
  return words.every((word) => !word.includes(' ')) ? words.join('|') : (words[0] ?? 'value');
}

async function serve(command: Command, json: boolean, io: Io): Promise<number> {
  const server = await import('@sillok/server');
  const args = command.options.flatMap((option) => {
    const name = option.attributeName();
    if (name === 'json' || command.getOptionValueSource(name) !== 'cli') return [];
    const value: unknown = command.getOptionValue(name);
    return [value === true ? String(option.long) : `${String(option.long)}=${String(value)}`];
  });
  if (!json) return server.serve({ args, env: io.env });
  const running = await server.startServer(server.readConfig({ args, env: io.env }));
  io.out.write(`${JSON.stringify({ url: running.url, sign_in_url: running.signInUrl })}\n`);
  const stopped = new Promise<'stopped'>((resolve) => {
    if (io.signal.aborted) resolve('stopped');
    io.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const outcome = await Promise.race([stopped, running.failed.then(() => 'failed' as const)]);
  await running.close();
  return outcome === 'stopped' ? EXIT.ok : EXIT.failed;
}
