/**
 * `sillok route`: "send only my requests to my copies". `create` and `verify` ask the server, which signs; `write` prints
 * configuration for the proxies that obey.
 */
import type { DebugRoute, DebugSession } from '@sillok/api';
import { createPseudonyms, mastersOf, parseKeyFile, routeSecret } from '@sillok/record/personal';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { addServerOptions, clientOf, identityKeysPath, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { CliError, usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { envoyConfig, istioConfig } from '../route/mesh.js';
import { nginxConfig } from '../route/nginx.js';
import { copiesOf, defaultsOf, targetsOf } from '../route/targets.js';
import { safeLine } from '../terminal/safe-text.js';

interface CreateOptions extends ServerOptions {
  readonly to: readonly string[];
  readonly minutes: string;
  readonly reason?: string;
}

interface WriteOptions extends ServerOptions {
  readonly for: string;
  readonly copy: readonly string[];
  readonly default?: readonly string[];
  readonly token?: string;
  readonly dir?: string;
  readonly ended?: readonly string[];
}

export function addRoute(program: Command, io: Io, finish: Finish): void {
  const route = program.command('route').description('send only your own requests to copies of services');
  addServerOptions(
    route
      .command('create')
      .description('sign a rule that ends by itself; needs the scope write, and is audited')
      .requiredOption(
        '--to <service=version...>',
        'which version of which service, for instance orders=fix-42',
      )
      .option('--minutes <count>', 'how long it is good, a day at most', '60')
      .option('--reason <text>', 'why; stands in the audit trail'),
  ).action((options: CreateOptions) => finish(() => create(options, io)));
  addServerOptions(
    route.command('list').description('the rules that are not over yet: what, until when, by whom'),
  ).action((options: ServerOptions) => finish(() => list(options, io)));
  addServerOptions(
    route
      .command('end')
      .description('end a rule before its time; needs the scope write, and is audited')
      .argument('<id>', 'as in list'),
  ).action((id: string, options: ServerOptions) => finish(() => end(id, options, io)));
  addServerOptions(
    route
      .command('verify')
      .description('whether a rule is good, and what it says')
      .argument('<rule>', 'the text, or a whole baggage header'),
  ).action((token: string, options: ServerOptions) => finish(() => verify(token, options, io)));
  addWrite(route, io, finish);
}

function addWrite(route: Command, io: Io, finish: Finish): void {
  addServerOptions(
    route
      .command('write')
      .description(
        'print the configuration of a proxy that obeys: nginx obeys every rule, Envoy and Istio one',
      )
      .requiredOption('--for <proxy>', 'nginx, envoy, istio')
      .requiredOption('--copy <service=version@address...>', 'where the copies run')
      .option(
        '--default <service@address...>',
        'where the services run as they are (nginx: also writes their upstream)',
      )
      .option('--token <rule>', 'the rule, for Envoy and Istio')
      .option(
        '--ended <id...>',
        'rules that were ended before their time and are not obeyed any more (nginx)',
      )
      .option('--dir <folder>', 'the identity folder, for nginx (SILLOK_IDENTITY_DIR)'),
  ).action((options: WriteOptions) => finish(() => write(options, io)));
}

async function create(options: CreateOptions, io: Io): Promise<number> {
  const minutes = Number(options.minutes);
  if (!Number.isInteger(minutes) || minutes < 1)
    throw usageError('--minutes takes a whole number from 1', '');
  const output = outputOf(options, io);
  const { reason } = options;
  const made = await clientOf(options, io).debugRoute.create({
    targets: targetsOf(options.to),
    minutes,
    ...(reason === undefined ? {} : { reason }),
  });
  output.data(made);
  output.text(made.token);
  output.note(
    `${routeText(made)}\nSend it with your requests, for instance: curl -H 'baggage: ${made.baggage}' …`,
  );
  output.note(output.colours.dim(`It is in the audit trail: ${made.audit_id}`));
  return EXIT.ok;
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { sessions } = await clientOf(options, io).debugRoute.list();
  for (const session of sessions) output.data(session);
  if (sessions.length === 0) output.note('No rule is running. sillok route create makes one.');
  for (const session of sessions) output.text(sessionText(session));
  return EXIT.ok;
}

function sessionText(session: DebugSession): string {
  const { began_by, reason, ended_at } = session;
  const why = reason === null ? '' : ` (${reason})`;
  const ended = ended_at === null ? '' : `, ended ${ended_at}`;
  return safeLine(`${routeText(session)}, by ${began_by}${why}${ended}`);
}

async function end(id: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const ended = await clientOf(options, io).debugRoute.end(id);
  output.data(ended);
  output.text(sessionText(ended));
  output.note(
    `Stop sending it. A proxy obeys it until ${ended.expires_at}, unless it is told: write its configuration again with --ended ${id}`,
  );
  return EXIT.ok;
}

async function verify(token: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const verdict = await clientOf(options, io).debugRoute.verify(token);
  output.data(verdict);
  output.text(verdict.good ? routeText(verdict.route) : PROBLEMS[verdict.problem]);
  return verdict.good ? EXIT.ok : EXIT.failed;
}

const PROBLEMS = {
  form: 'this is no rule',
  signature: 'the rule was forged or changed, or its epoch of keys is gone',
  expired: 'the rule has ended',
};

function routeText({ id, targets, expires_at }: DebugRoute): string {
  const list = Object.entries(targets).map(([service, version]) => `${service}=${version}`);
  return safeLine(`rule ${id}: ${list.join(', ')}, until ${expires_at}`);
}

async function write(options: WriteOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const config = await configOf(options, io);
  output.data({ for: options.for, config });
  output.text(config.trimEnd());
  return EXIT.ok;
}

async function configOf(options: WriteOptions, io: Io): Promise<string> {
  const copies = copiesOf(options.copy);
  if (options.for === 'nginx') {
    const defaults = defaultsOf(options.default ?? []);
    const secret = secretOf(identityKeysPath(options, io));
    return nginxConfig({ copies, defaults, secret, ended: options.ended ?? [] });
  }
  if (options.for !== 'envoy' && options.for !== 'istio') {
    throw usageError(`--for takes nginx, envoy or istio, not "${options.for}"`, '');
  }
  const { token } = options;
  if (token === undefined)
    throw usageError(
      `${options.for} obeys one rule: say which with --token`,
      'sillok route create makes one.',
    );
  const verdict = await clientOf(options, io).debugRoute.verify(token);
  if (!verdict.good) throw usageError(PROBLEMS[verdict.problem], 'sillok route create makes a new one.');
  const parts = { copies, token, until: verdict.route.expires_at };
  return options.for === 'istio' ? istioConfig(parts) : envoyConfig(parts);
}

function secretOf(path: string): string {
  try {
    return routeSecret(createPseudonyms(mastersOf(parseKeyFile(readFileSync(path, 'utf8')))));
  } catch (error) {
    const message = `the secret for nginx cannot be made: ${error instanceof Error ? error.message : String(error)}`;
    const help = 'Run it where the identity folder is, and say where with --dir or SILLOK_IDENTITY_DIR.';
    throw new CliError({ code: 'no_keys', message, help, exitCode: EXIT.failed }, error);
  }
}
