/** The reference page of the command line, written from the definitions of the commands: `tools/cli-page.mjs` runs it. */
import type { Argument, Command, Option } from 'commander';
import { EXIT_HELP } from './exit-codes.js';

export function referencePage(program: Command): string {
  const commands = program.commands.filter((command) => command.name() !== 'help');
  return [
    '# Command line',
    '',
    '<!-- Written by `node tools/cli-page.mjs` from the definitions in apps/cli/src. Do not edit. -->',
    '',
    program.description(),
    '',
    'In the repository it runs as `npx sillok …` after the build. Every command takes `--json`: results are JSON on standard',
    'output then, one value or one a line; errors are `{"error":{"code","message","help"}}` on standard error. Without it, control',
    'characters in records are shown as pictures and never reach the terminal. Colours follow `NO_COLOR` and `FORCE_COLOR`.',
    '',
    '## Exit codes',
    '',
    ...table(
      ['code', 'meaning'],
      EXIT_HELP.map(({ code, meaning }) => [String(code), meaning]),
    ),
    '',
    ...commands.flatMap((command) => section(command, 2)),
  ].join('\n');
}

function section(command: Command, depth: number): string[] {
  const name = fullName(command);
  const below = command.commands.flatMap((child) => section(child, depth + 1));
  const usage = command.commands.length > 0 ? [] : ['```', `${name} ${command.usage()}`, '```', ''];
  return [
    `${'#'.repeat(depth)} ${name}`,
    '',
    sentence(command.description()),
    '',
    ...usage,
    ...argumentTable(command.registeredArguments),
    ...optionTable(command),
    ...below,
  ];
}

function fullName(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each; each = each.parent) names.unshift(each.name());
  return names.join(' ');
}

const SERVE_OPTIONS =
  'Its flags and their environment variables are the [settings](settings.md); `--json` prints the addresses as JSON.';

function argumentTable(list: readonly Argument[]): string[] {
  if (list.length === 0) return [];
  return [
    ...table(
      ['argument', ''],
      list.map((each) => [`\`${each.name()}\``, each.description]),
    ),
    '',
  ];
}

function optionTable(command: Command): string[] {
  if (command.commands.length > 0) return [];
  if (command.name() === 'serve') return [SERVE_OPTIONS, ''];
  const rows = command.options.map((option) => [
    `\`${option.flags.replaceAll('|', '\\|')}\``,
    describe(option),
  ]);
  return [...table(['option', ''], rows), ''];
}

function describe(option: Option): string {
  const preset: unknown = option.defaultValue;
  return preset === undefined ? option.description : `${option.description} (default: ${String(preset)})`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
