/** `sillok person`: what happened to one customer, in sentences; newest failure first. */
import type { Client, Episode, PersonCandidate, ScenarioAnswer, ScenarioStep } from '@sillok/api';
import { Option, type Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import {
  languageOf,
  languageOption,
  told,
  type Language,
  type LanguageOptions,
} from '../analysis/language.js';
import {
  addServerOptions,
  clientOf,
  countOption,
  momentOption,
  outputOf,
  type Output,
  type ServerOptions,
} from '../common.js';
import { usageError } from '../errors.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { EPISODES_SHOWN, STEP_DETAIL_WIDTH_MAX } from '../limits.js';
import type { Finish } from '../program.js';
import { countText, plural } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { safeLine } from '../terminal/safe-text.js';
import { fit } from '../terminal/width.js';

interface PersonOptions extends ServerOptions, LanguageOptions {
  readonly from?: string;
  readonly to?: string;
  readonly order?: 'failures' | 'newest' | 'oldest';
  readonly limit?: number;
  readonly steps?: number;
  readonly reason?: string;
  readonly others?: boolean;
}

export function addPerson(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('person')
    .description('what happened to one customer, in sentences, the newest failure first')
    .argument('<who>', 'e-mail, phone, member or order number, support code, pseudonym, or any id')
    .option('--from <moment>', 'oldest time: 15m, 2026-11-21, RFC 3339', momentOption)
    .option('--to <moment>', 'newest time, not included', momentOption)
    .addOption(
      new Option('--order <order>', 'of what they tried (failures)').choices([
        'failures',
        'newest',
        'oldest',
      ]),
    )
    .option('--limit <count>', 'steps (1000)', countOption('limit'))
    .option('--steps <count>', 'things they tried whose steps are shown (3)', countOption('steps'))
    .option('--reason <text>', 'why you look: stands in the audit trail')
    .option('--others', 'whether the first failure met others too')
    .addOption(languageOption());
  addServerOptions(command).action((who: string, options: PersonOptions) =>
    finish(() => person(who, options, io)),
  );
}

const NAMES = 'Name an e-mail, a phone, member or order number, a support code, a pseudonym or a trace id.';

/** Nothing was found, and what may be tried then. */
const NOBODY: Readonly<Record<Language, readonly [string, string]>> = {
  en: [
    'No record of this person in this time.',
    'Look for a slip in what was typed, try something else that the customer can say (the support code of the error page, ' +
      'an order number), or an earlier --from.',
  ],
  ko: [
    '이 기간에 이 고객의 기록이 없습니다.',
    '잘못 입력하지 않았는지 확인하거나, 고객이 말할 수 있는 다른 것(오류 화면의 지원 코드, 주문 번호)이나 더 이른 --from으로 찾아보세요.',
  ],
};

async function person(who: string, options: PersonOptions, io: Io): Promise<number> {
  if (who.trim() === '') throw usageError('nobody is named', NAMES);
  const output = outputOf(options, io);
  const client = clientOf(options, io);
  const ids = await idsOf(client, who, options.reason);
  const { from, to, order, limit } = options;
  const asked = Object.entries({ from, to, order, limit }).filter(([, value]) => value !== undefined);
  const story = await client.scenario({ ...ids, ...Object.fromEntries(asked) }, io.signal);
  const [first] = story.episodes;
  const similar = options.others === true ? (first?.similar ?? null) : null;
  const others = similar === null ? undefined : await client.others({ q: similar }, io.signal);
  output.data(others === undefined ? story : { ...story, others });
  if (output.json) return EXIT.ok;
  show(story, { output, language: languageOf(options, io), steps: options.steps ?? EPISODES_SHOWN });
  if (others !== undefined) {
    const since = others.since_release;
    const release = since === null ? '' : `, since ${since.service} ${since.version}`;
    const people = `${plural(others.people, 'person', 'people')}, ${plural(others.customers, 'customer')}`;
    output.text(safeLine(`Others: ${people}, ${countText(others.records)} times${release}`));
  }
  noteTrust(story, output);
  return EXIT.ok;
}

/** What was typed is looked up as the console does it: one person, a scenario, or a trace. */
async function idsOf(
  client: Client,
  who: string,
  reason: string | undefined,
): Promise<Parameters<Client['scenario']>[0]> {
  const found = await client.person.lookup({ query: who, ...(reason === undefined ? {} : { reason }) });
  const [first, ...others] = found.candidates;
  if (first === undefined) return byOtherIds(client, who, found.trace_ids);
  if (others.length > 0) {
    const list = found.candidates.map(labelOf).join('\n');
    throw usageError(`"${who}" may be ${found.candidates.length} people`, `Ask for one of them:\n${list}`);
  }
  return { person: first.person };
}

function labelOf({ person, label, found_by: by }: PersonCandidate): string {
  return `  ${person} (…${label}, by ${by.join(', ')})`;
}

async function byOtherIds(
  client: Client,
  who: string,
  traceIds: readonly string[],
): Promise<Parameters<Client['scenario']>[0]> {
  const scenario = await client.scenario({ global_trace_id: who, limit: 1 });
  if (scenario.steps.length > 0) return { global_trace_id: who };
  const [traceId] = traceIds;
  return traceId === undefined ? { user_hash: who } : { trace_id: traceId };
}

interface Shown {
  readonly output: Output;
  readonly language: Language;
  readonly steps: number;
}

function show(story: ScenarioAnswer, { output, language, steps: shown }: Shown): void {
  const { colours } = output;
  if (story.episodes.length === 0) {
    const [nothing, next] = NOBODY[language];
    output.text(nothing);
    output.note(next);
    return;
  }
  for (const [index, episode] of story.episodes.entries()) {
    output.text(episodeLine(episode, { output, language }));
    if (index >= shown) continue;
    for (const step of story.steps.filter((each) => each.episode === index)) {
      output.text(stepLine(step, { output, language }));
    }
    output.text('');
  }
  if (story.truncated) output.text(colours.dim('There is more: raise --limit, or narrow --from and --to.'));
}

type Telling = Pick<Shown, 'output' | 'language'>;

function episodeLine({ start, failed, sentence }: Episode, { output, language }: Telling): string {
  const { colours } = output;
  const mark = failed ? colours.bad('✗') : colours.good('✓');
  const text = told(sentence, language);
  return `${mark} ${colours.dim(localTime(start).slice(0, 14))} ${failed ? colours.bold(text) : text}`;
}

function stepLine(step: ScenarioStep, { output, language }: Telling): string {
  const { colours } = output;
  const text = told(step.sentence, language);
  const mark = step.failed ? colours.bad('✗') : colours.dim('·');
  const detail =
    step.failed && step.detail !== ''
      ? colours.dim(`  ${fit(safeLine(step.detail), STEP_DETAIL_WIDTH_MAX)}`)
      : '';
  const indent = '  '.repeat(Math.min(step.depth, 8) + 2);
  return `${indent}${mark} ${colours.dim(localTime(step.time).slice(6))} ${step.failed ? colours.bad(text) : text}${detail}`;
}
