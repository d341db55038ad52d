/** The server as seen from here: does it answer, does it take, does it find, does it know this key? */
import { ApiError } from '@sillok/api';
import type { Client } from '@sillok/api';
import { LAG_FINE_MS, MIXED_FIELDS_SHOWN_MAX } from '../limits.js';
import { durationText, plural } from '../terminal/amounts.js';
import { bad, good, note } from './finding.js';
import type { Finding } from './finding.js';

const RECENT = '-1h';

export interface ServerCheck {
  readonly client: Client;
  readonly url: string;
  readonly key: string | undefined;
}

export async function checkServer({ client, url, key }: ServerCheck): Promise<Finding[]> {
  const alive = await client.alive().catch((error: unknown) => error);
  if (alive !== true) {
    const reason = alive instanceof Error ? alive.message : 'it does not say that it is well';
    const help = 'Start it with "sillok serve", or say where it is with --url or SILLOK_URL.';
    return [bad('server', reason, help)];
  }
  const findings = [good('server', `answers at ${url}`), ...(await checkReadiness(client))];
  if (key === undefined) {
    const help =
      'Set SILLOK_KEY, or run this where the data folder is: the key for development is in data/dev-key.';
    return [...findings, bad('key', 'there is none', help)];
  }
  return [
    ...findings,
    ...(await checkKey(client)),
    ...(await checkTypes(client)),
    ...(await checkCounters(client)),
  ];
}

async function checkReadiness(client: Client): Promise<Finding[]> {
  const { ready, ...dependencies } = await client.ready();
  const findings: Finding[] = [];
  for (const [name, state] of Object.entries(dependencies)) {
    if (typeof state !== 'object' || state === null || !('ready' in state)) continue;
    const reason = 'reason' in state ? String(state.reason) : 'not ready';
    const help =
      name === 'engine'
        ? 'Records are taken and kept meanwhile; they are found once the engine is back. The log of the server says why.'
        : 'Nothing can be taken. Look at the disk of the server and at its log.';
    findings.push(state.ready === true ? good(name, 'ready') : bad(name, reason, help));
  }
  if (findings.length === 0 && !ready)
    findings.push(bad('server', 'not ready', 'GET /readyz says what is missing.'));
  return findings;
}

async function checkKey(client: Client): Promise<Finding[]> {
  try {
    const page = await client.search({ from: RECENT, limit: 1 });
    const { lag_ms: lagMs } = page.freshness;
    const missing = page.gaps.reduce((sum, gap) => sum + gap.to - gap.from + 1, 0);
    return [
      good('key', 'may read'),
      lagMs <= LAG_FINE_MS
        ? good('freshness', lagMs === 0 ? 'everything taken can be found' : `${durationText(lagMs)} behind`)
        : note(
            'freshness',
            `search is ${durationText(lagMs)} behind`,
            'It catches up by itself; a full disk or a stuck engine would keep it from that.',
          ),
      missing === 0
        ? good('gaps', 'none in the last hour')
        : note(
            'gaps',
            `${plural(missing, 'record')} of the last hour never arrived`,
            'Ship what is left in the spool of that service: sillok ship DIR. The footer of "sillok search" names them.',
          ),
    ];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [bad('key', error.message, error.help)];
  }
}

/** Attributes that are a number in one record and a text in another, of the newest records of the last hour. */
async function checkTypes(client: Client): Promise<Finding[]> {
  const page = await client.fields({ from: RECENT }).catch((error: unknown) => {
    if (error instanceof ApiError) return undefined;
    throw error;
  });
  return (page?.fields ?? [])
    .flatMap(({ name, types }) => {
      const counts = Object.entries(types ?? {}).filter(([type]) => type !== 'null');
      if (counts.length < 2) return [];
      const told = counts.map(([type, count]) => `${type} ${count}`).join(', ');
      const help = `Comparing numbers leaves out the texts. Give it one type where it is written, or by a rule: type ${name} = string.`;
      return [note('field types', `${name} is of several types: ${told}`, help)];
    })
    .slice(0, MIXED_FIELDS_SHOWN_MAX);
}

/** Counters that should stand at 0, and what each of them means. */
const WORRIES: readonly { readonly name: string; readonly what: string; readonly help: string }[] = [
  {
    name: 'sillok_identity_conflicts_total',
    what: 'records came with the name of another record',
    help: 'A machine or a spool folder was copied while a service ran in it. Give each copy an empty spool folder.',
  },
  {
    name: 'sillok_records_poison_total',
    what: 'records could not be stored and were set aside',
    help: 'They are kept in the data folder, with the reason; please report them.',
  },
  {
    name: 'sillok_syslog_dropped_total',
    what: 'syslog datagrams were dropped',
    help: 'UDP cannot be told to wait. Send syslog over TCP.',
  },
  {
    name: 'sillok_engine_restarts',
    what: 'times the engine had to be restarted',
    help: 'No record is lost by that. The log of the server says why.',
  },
];

async function checkCounters(client: Client): Promise<Finding[]> {
  const response = await client.http.send({
    path: '/metrics',
    headers: { accept: 'text/plain' },
    anyStatus: true,
  });
  const values = sumsOf(await response.text());
  return WORRIES.flatMap(({ name, what, help }) => {
    const value = values.get(name) ?? 0;
    return value > 0 ? [note('counters', `${value} ${what} (${name})`, help)] : [];
  });
}

/** Prometheus' text, summed over labels. */
function sumsOf(text: string): Map<string, number> {
  const sums = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^([a-z_]+)(?:\{[^}]*\})? ([0-9.e+-]+)$/i.exec(line);
    if (match) sums.set(match[1] ?? '', (sums.get(match[1] ?? '') ?? 0) + Number(match[2]));
  }
  return sums;
}
