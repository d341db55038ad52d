/** What every ingest protocol is given by the server. */
import type { FastifyRequest } from 'fastify';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { Admission, Principal, Scope } from '../seams.js';

export interface IngestDeps {
  readonly admission: Admission;
  /**
   * Who asks, by `Authorization: Bearer KEY` (protocols with other habits translate to that first).
   * Throws a `ServerError` when nobody or the wrong one asks.
   */
  readonly authenticate: (request: FastifyRequest, scope: Scope) => Promise<Principal> | Principal;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Syslog has neither keys nor HTTP: it listens on a port of its own, for one project. Absent: off. */
  readonly syslog?: SyslogOptions;
}

export interface SyslogOptions {
  /** TCP and UDP. 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly project: string;
}
