/** `GET /api/context`: what stands directly before and after one record, of all producers of the project. */
import { contextQuery, ROUTES, type ContextPage } from '@sillok/api';
import {
  compileContext,
  compileSearch,
  decodeRow,
  keyOf,
  writeValue,
  type Query,
  type RecordKey,
  type Row,
} from '@sillok/query';
import { nsToTime, timeToNs } from '@sillok/record';
import type { SelectResult } from '@sillok/store';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ReadError } from './errors.js';
import { envelopeOf } from './records-page.js';
import { checked, momentOf, projectOf, runSearch, searchOf, type Reading } from './reading.js';
import { gapsIn, sumCost } from './trust.js';

interface Caller {
  readonly reading: Reading;
  readonly project: string;
  readonly reply: FastifyReply;
}

export function registerContext(app: FastifyInstance, reading: Reading): void {
  app.get(ROUTES.context, async (request, reply): Promise<ContextPage> => {
    const project = projectOf(reading, request);
    const asked = checked(contextQuery, request.query);
    const query = searchOf(asked.q);
    const caller = { reading, project, reply };
    const freshness = reading.state.freshness();
    const time = momentOf('time', asked.time, Date.now());
    const found = await findRecord(caller, { ...asked, ...(time === undefined ? {} : { time }) });
    const key = keyOf(found.row);
    const [before, after] = await Promise.all([
      neighbours(caller, { query, key, direction: 'before', limit: asked.before }),
      neighbours(caller, { query, key, direction: 'after', limit: asked.after }),
    ]);
    const rows = { before: before.rows.map(decodeRow).reverse(), after: after.rows.map(decodeRow) };
    const range = {
      from: rows.before[0]?.record.time ?? key.time,
      to: rows.after.at(-1)?.record.time ?? key.time,
    };
    return {
      before: rows.before.map(envelopeOf),
      record: envelopeOf(found.row),
      after: rows.after.map(envelopeOf),
      freshness,
      ...gapsIn(reading.state, project, range),
      cost: sumCost([found.cost, before.statistics, after.statistics]),
    };
  });
}

interface Wanted {
  readonly producer: string;
  readonly boot: string;
  readonly seq: number;
  readonly time?: string | undefined;
}

async function findRecord(
  caller: Caller,
  wanted: Wanted,
): Promise<{ row: Row; cost: SelectResult['statistics'] }> {
  const { producer, boot, seq, time } = wanted;
  const query = searchOf(`producer:${writeValue(producer)} boot:${writeValue(boot)} seq:${seq}`);
  // A record's time is exact, so one nanosecond is a range that the primary key answers.
  const range = time === undefined ? {} : { from: time, to: nsToTime(timeToNs(time) + 1n) };
  const { reading, project } = caller;
  const statement = compileSearch(query, { project, ...range, table: reading.store().table, limit: 1 });
  const result = await runSearch(reading, statement, caller);
  const [first] = result.rows;
  if (first === undefined)
    throw new ReadError('record_not_found', `There is no record ${producer}/${boot}/${seq}.`);
  return { row: decodeRow(first), cost: result.statistics };
}

interface Side {
  readonly query: Query;
  readonly key: RecordKey;
  readonly direction: 'before' | 'after';
  readonly limit: number;
}

function neighbours(caller: Caller, { query, ...side }: Side): Promise<SelectResult> {
  const { reading, project } = caller;
  const statement = compileContext(query, { project, table: reading.store().table, ...side });
  return runSearch(reading, statement, caller);
}
