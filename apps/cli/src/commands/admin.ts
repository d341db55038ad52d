/** `sillok admin`: the entities and actions of the project's services, for people who prefer a terminal and for programs. */
import { randomUUID } from 'node:crypto';
import { pathOf } from '@sillok/api';
import type {
  AdminRunAnswer,
  AdminServicesAnswer,
  EntityAnswer,
  EntityPage,
  PlanAnswer,
  RequestShape,
} from '@sillok/api';
import type { Command } from 'commander';
import { adminText, diffText, fieldsText, rowsText, runText } from '../admin/admin-text.js';
import { inputOf } from '../admin/input.js';
import { addServerOptions, clientOf, outputOf } from '../common.js';
import type { ServerOptions } from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

interface RunOptions extends ServerOptions {
  readonly set?: readonly string[];
  readonly input?: string;
  readonly reason?: string;
  readonly apply?: boolean;
  readonly version?: string;
  readonly again?: string;
}

export function addAdmin(program: Command, io: Io, finish: Finish): void {
  const admin = program
    .command('admin')
    .description('search, read and change what services offer in their admin API');
  const listing = admin.command('list').description('the services, their entities and actions');
  addServerOptions(listing).action((options: ServerOptions) => finish(() => list(options, io)));
  const searching = admin
    .command('search')
    .description('search entities; personal fields are hidden in lists')
    .argument('<service>')
    .argument('<type>')
    .argument('[text]', 'whatever the service looks for', '');
  addServerOptions(searching).action((...given: readonly unknown[]) => {
    // Commander gives the arguments in their order, then the options.
    const [service, type, text, options] = given as [string, string, string, ServerOptions];
    return finish(() => search({ service, type, text }, options, io));
  });
  const showing = admin
    .command('show')
    .description('one entity, with what can be done to it')
    .argument('<service>')
    .argument('<type>')
    .argument('<id>');
  addServerOptions(showing).action((...given: readonly unknown[]) => {
    // As above.
    const [service, type, id, options] = given as [string, string, string, ServerOptions];
    return finish(() => show({ service, type, id }, options, io));
  });
  addRun(admin, io, finish);
  addRequests(admin, io, finish);
}

function addRun(admin: Command, io: Io, finish: Finish): void {
  const running = admin
    .command('run')
    .description('show what an action would change; with --apply, do it')
    .argument('<service>')
    .argument('<type>')
    .argument('<action>')
    .argument('[id]', 'the entity; none for what makes one')
    .option('--set <name=value...>', 'fields of the form; a.b=1 for one inside another')
    .option('--input <json>', 'the whole form as JSON')
    .option('--reason <text>', 'why; it stays in the history')
    .option('--version <version>', 'of the entity, as the plan printed it: refused when it has changed since')
    .option('--again <key>', 'the key of a run whose outcome was not known: it is done once')
    .option('--apply', 'do it');
  addServerOptions(running).action((...given: readonly unknown[]) => {
    // Commander gives the arguments in their order, then the options.
    const [service, type, action, id, options] = given as [
      string,
      string,
      string,
      string | undefined,
      RunOptions,
    ];
    return finish(() => run({ service, type, action, id }, options, io));
  });
}

function addRequests(admin: Command, io: Io, finish: Finish): void {
  const requests = admin
    .command('requests')
    .description('what waits for a second person')
    .argument('<service>');
  addServerOptions(requests).action((service: string, options: ServerOptions) =>
    finish(() => listRequests(service, options, io)),
  );
  for (const decision of ['approve', 'reject'] as const) {
    const deciding = admin
      .command(decision)
      .description(
        decision === 'approve' ? 'approve a request of somebody else: it is done' : 'reject a request',
      )
      .argument('<service>')
      .argument('<request>', 'as in "admin requests"');
    addServerOptions(deciding).action((service: string, id: string, options: ServerOptions) =>
      finish(async () => {
        const output = outputOf(options, io);
        const answer = await clientOf(options, io).http.json<AdminRunAnswer>({
          method: 'POST',
          path: callPath(service, ['requests', id, decision]),
          json: { key: randomUUID() },
        });
        output.data(answer);
        output.text(decision === 'approve' ? runText(answer, output.colours) : `${safeLine(id)} is rejected`);
        return EXIT.ok;
      }),
    );
  }
}

async function list(options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const answer = await clientOf(options, io).http.json<AdminServicesAnswer>({ path: pathOf('admin') });
  output.data(answer);
  output.text(adminText(answer, output.colours));
  if (answer.services.length === 0)
    output.note('No service has an admin API here: docs/guides/first-admin-entity.md says how to make one.');
  return EXIT.ok;
}

interface Searched {
  readonly service: string;
  readonly type: string;
  readonly text: string;
}

async function search({ service, type, text }: Searched, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const path = callPath(service, [type]);
  const page = await clientOf(options, io).http.json<EntityPage>({ path, query: { text, limit: 100 } });
  output.data(page);
  output.text(rowsText(page, output.colours));
  output.note(
    `${page.rows.length} found${page.next === null ? '' : ', and there are more: ask for something more exact'}`,
  );
  return EXIT.ok;
}

interface Shown {
  readonly service: string;
  readonly type: string;
  readonly id: string;
}

async function show({ service, type, id }: Shown, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const path = callPath(service, [type, 'entities', id]);
  const entity = await clientOf(options, io).http.json<EntityAnswer>({ path });
  output.data(entity);
  output.text(fieldsText(entity, output.colours));
  return EXIT.ok;
}

interface Wanted {
  readonly service: string;
  readonly type: string;
  readonly action: string;
  readonly id: string | undefined;
}

async function run({ service, type, action, id }: Wanted, options: RunOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const { services } = await http.json<AdminServicesAnswer>({ path: pathOf('admin') });
  const entities = services.find(({ name }) => name === service)?.description?.entities ?? [];
  const known = entities.find((each) => each.type === type)?.actions.find(({ name }) => name === action);
  if (known === undefined)
    throw usageError(
      `${service} has no action "${action}" on ${type} now`,
      '"admin list" shows what there is.',
    );
  const input = inputOf(known.input, options);
  const { reason, again } = options;
  const body = { ...(id === undefined ? {} : { id }), input };
  if (options.apply !== true) {
    const path = callPath(service, [type, 'actions', action, 'plan']);
    const plan = await http.json<PlanAnswer>({ method: 'POST', path, json: body });
    output.data(plan);
    output.text(diffText(plan.diff, output.colours));
    const version = plan.version === '' ? '' : ` --version ${plan.version}`;
    output.note(`Nothing was changed. To do it, add: --apply${version}`);
    return EXIT.ok;
  }
  const key = again ?? randomUUID();
  const version = options.version === undefined ? {} : { version: options.version };
  const json = { ...body, ...version, key, ...(reason === undefined ? {} : { reason }) };
  const path = callPath(service, [type, 'actions', action, 'run']);
  const answer = await http.json<AdminRunAnswer>({ method: 'POST', path, json }).catch((error: unknown) => {
    if (Object(error)['code'] === 'outcome_unknown') output.note(`To send it again: --again ${key}`);
    throw error;
  });
  output.data(answer);
  output.text(runText(answer, output.colours));
  return EXIT.ok;
}

async function listRequests(service: string, options: ServerOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const path = callPath(service, ['requests']);
  const answer = await clientOf(options, io).http.json<{ readonly requests: readonly RequestShape[] }>({
    path,
  });
  output.data(answer);
  const rows = answer.requests.map(({ id, state, by, at, type, action, entity, reason }) => [
    id,
    state,
    at.slice(0, 16).replace('T', ' '),
    by.name,
    `${type}/${entity}`,
    action,
    reason ?? '',
  ]);
  const columns = ['id', 'state', 'asked', 'by', 'entity', 'action', 'reason'];
  output.text(tableText({ columns, rows, colours: output.colours }));
  return EXIT.ok;
}

function callPath(service: string, parts: readonly string[]): string {
  return `/api/admin/${[service, ...parts].map(encodeURIComponent).join('/')}`;
}
