/** `sillok audit review`: who accessed personal data in a month, what is unusual, and the sign-off (접속기록 점검). */
import { ROUTES } from '@sillok/api';
import type { ReviewActor, ReviewAnswer, ReviewSign, ReviewSignOffAnswer } from '@sillok/api';
import type { Command } from 'commander';
import { addServerOptions, clientOf, outputOf, type ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import type { Finish } from '../program.js';
import { plural } from '../terminal/amounts.js';
import type { Colours } from '../terminal/colours.js';
import { safeLine } from '../terminal/safe-text.js';
import { tableText } from '../terminal/table.js';

type ReviewOptions = ServerOptions & { readonly zone: string; readonly signOff?: string };

export function addReview(audit: Command, io: Io, finish: Finish): void {
  const reviewing = audit
    .command('review')
    .description('the monthly review of who accessed personal data, and its sign-off')
    .argument('[month]', 'as in 2026-10; the last one that is over when left out')
    .option('--zone <name>', 'time zone of nights and of the month', 'Asia/Seoul')
    .option('--sign-off <note>', 'what was looked at and what came of it: kept in the audit trail');
  addServerOptions(reviewing).action((month: string | undefined, options: ReviewOptions) =>
    finish(() => review(month ?? lastMonth(new Date()), options, io)),
  );
}

function lastMonth(now: Date): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1)).toISOString().slice(0, 7);
}

async function review(month: string, options: ReviewOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { http } = clientOf(options, io);
  const { zone, signOff } = options;
  if (signOff !== undefined) {
    const json = { month, zone, note: signOff };
    const signed = await http.json<ReviewSignOffAnswer>({ method: 'POST', path: ROUTES.auditReview, json });
    output.data(signed);
    output.text(`${output.colours.good('✓')} ${month} is signed off: ${signed.audit_id}`);
    return EXIT.ok;
  }
  const answer = await http.json<ReviewAnswer>({ path: ROUTES.auditReview, query: { month, zone } });
  output.data(answer);
  output.text(reviewText(answer, output.colours));
  return EXIT.ok;
}

const SIGNS: Readonly<Record<ReviewSign, string>> = {
  night: 'at night',
  weekend: 'at the weekend',
  bulk: 'many at once',
  download: 'took data out',
  denied: 'was denied',
  no_reason: 'without a reason',
};

function reviewText(answer: ReviewAnswer, colours: Colours): string {
  const { month, accesses, people, actors, truncated, sign_offs } = answer;
  const looked = `${plural(accesses, 'access', 'accesses')} to ${plural(people, 'person', 'people')}`;
  const head = `${month}  ${looked} by ${plural(actors.length, 'account')}`;
  const columns = [
    'account',
    'accesses',
    'people',
    'downloads',
    'night',
    'weekend',
    'denied',
    'most in an hour',
    'from',
    'look at',
  ];
  const lines = [head];
  if (truncated) lines.push(colours.warning('There were more: these are the newest ones.'));
  if (actors.length > 0) lines.push('', tableText({ columns, rows: actors.map(rowOf), colours }));
  lines.push('');
  for (const { time, by, note } of sign_offs) {
    lines.push(
      `${colours.good('✓')} signed off ${time.slice(0, 16).replace('T', ' ')} by ${safeLine(by)}: ${safeLine(note)}`,
    );
  }
  if (sign_offs.length === 0) {
    lines.push(
      answer.is_over
        ? `Not signed off yet: sillok audit review ${month} --sign-off "…"`
        : 'The month is not over.',
    );
  }
  return lines.join('\n');
}

function rowOf(actor: ReviewActor): string[] {
  const { type, id, accesses, people, downloads, night, weekend, denied, busiest_hour, addresses, signs } =
    actor;
  return [
    `${type} ${id}`,
    ...[accesses, people, downloads, night, weekend, denied].map(String),
    `${busiest_hour.accesses} (${busiest_hour.time.slice(5, 13).replace('T', ' ')} h UTC)`,
    addresses.join(' '),
    signs.map((sign) => SIGNS[sign]).join(', '),
  ];
}
