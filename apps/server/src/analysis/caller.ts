/** Who asks, and what every answer of this room collects on its way: cost, freshness, gaps. */
import type { Cost } from '@sillok/api';
import { decodeRow, type Analysis, type Row, type Statement } from '@sillok/query';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RunQuery } from '../read/running.js';
import { runSearch, type Range, type Reading } from '../read/reading.js';
import { gapsIn, sumCost, type Trust } from '../read/trust.js';

export interface Caller {
  readonly project: string;
  /** Id of the key, or `user:<id>`. */
  readonly keyId: string;
  readonly table: string;
  /** Rows of one statement; its cost is added up. */
  rows(statement: Statement | RunQuery): Promise<unknown[][]>;
  /** Rows of a statement that selects records. */
  records(statement: Statement | RunQuery): Promise<Row[]>;
  /** What all statements so far cost, how fresh their answer is, what is missing in the range. */
  trust(range: Range): Trust;
}

export function callerOf(reading: Reading, request: FastifyRequest, reply: FastifyReply): Caller {
  const { project, keyId } = reading.auth.authenticate(request, 'read');
  // Before the first statement: what was visible then is in the answer.
  const freshness = reading.state.freshness();
  const costs: Cost[] = [];
  async function rows(statement: Statement | RunQuery): Promise<unknown[][]> {
    const result = await runSearch(reading, statement, { project, reply });
    costs.push(result.statistics);
    return result.rows;
  }
  return {
    project,
    keyId,
    table: reading.store().table,
    rows,
    records: async (statement) => (await rows(statement)).map(decodeRow),
    trust: (range) => ({ freshness, ...gapsIn(reading.state, project, range), cost: sumCost(costs) }),
  };
}

/** What every statement over slices needs. */
export function analysisOf({ project, table }: Caller, nowMs: number): Analysis {
  return { project, table, nowNs: BigInt(nowMs) * 1_000_000n };
}
