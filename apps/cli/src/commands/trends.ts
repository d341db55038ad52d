/** `sillok trends`: endpoints over weeks and months, those that get worse first. */
import type { TrendEndpoint, TrendLine } from '@sillok/api';
import type { Command } from 'commander';
import { noteTrust } from '../analysis/about.js';
import { trendLine } from '../analysis/drawing.js';
import { given } from '../analysis/range.js';
import { addServerOptions, clientOf, countOption, outputOf, type ServerOptions } from '../common.js';
import { EXIT } from '../exit-codes.js';
import type { Io } from '../io.js';
import { TREND_DAYS_SHOWN } from '../limits.js';
import type { Finish } from '../program.js';
import { countText, durationText } from '../terminal/amounts.js';
import { localTime } from '../terminal/record-text.js';
import { tableText } from '../terminal/table.js';

interface TrendsOptions extends ServerOptions {
  readonly days?: number;
  readonly service?: string;
  readonly route?: string;
  readonly limitMs?: number;
  readonly limit?: number;
}

export function addTrends(program: Command, io: Io, finish: Finish): void {
  const command = program
    .command('trends')
    .description('endpoints over weeks and months: which get worse, and when they reach their limit')
    .option('--days <count>', 'how far back (90)', countOption('days'))
    .option('--service <name>', 'of one service')
    .option('--route <route>', 'of one route')
    .option(
      '--limit-ms <milliseconds>',
      'what the 95th percentile should stay below (1000)',
      countOption('limit-ms'),
    )
    .option('--limit <count>', 'endpoints (50)', countOption('limit'));
  addServerOptions(command).action((options: TrendsOptions) => finish(() => trends(options, io)));
}

async function trends(options: TrendsOptions, io: Io): Promise<number> {
  const output = outputOf(options, io);
  const { days, service, route, limit, limitMs: limit_ms } = options;
  const answer = await clientOf(options, io).trends(
    given({ days, service, route, limit, limit_ms }),
    io.signal,
  );
  output.data(answer);
  if (output.json) return EXIT.ok;
  output.text(
    tableText({
      columns: [
        'endpoint',
        'requests',
        'p95 by day',
        'p95 now',
        'per week',
        '',
        `reaches ${durationText(answer.limit_ms)}`,
      ],
      rows: answer.endpoints.map(rowOf),
      colours: output.colours,
    }),
  );
  const through = answer.rolled_up_to === null ? 'nothing yet' : localTime(answer.rolled_up_to);
  output.note(`Hours are taken in when they are over: up to ${through}.`);
  noteTrust(answer, output);
  return EXIT.ok;
}

function rowOf(endpoint: TrendEndpoint): string[] {
  const { service, method, route, points, p95, crosses, is_over: isOver } = endpoint;
  const days = points.slice(-TREND_DAYS_SHOWN).map((point) => point.p95_ms ?? 0);
  const requests = points.reduce((sum, point) => sum + point.requests, 0);
  return [
    `${service} ${method} ${route}`,
    countText(requests),
    trendLine(days),
    durationText(points.at(-1)?.p95_ms ?? 0),
    weekly(p95),
    p95?.getting ?? 'too few days',
    isOver
      ? 'is over it'
      : crosses === null
        ? ''
        : `${crosses.expected} (${crosses.earliest} to ${crosses.latest ?? '?'})`,
  ];
}

function weekly(line: TrendLine | null): string {
  if (line === null) return '';
  const change = Math.round(line.change_per_day * 7);
  return `${change > 0 ? '+' : ''}${change} ms`;
}
