/** `@sillok/node/outgoing`: calls to other services are recorded as client spans and continue the trace there. */
import type { Logger } from '../logger.js';
import { isOtelSuppressed } from '../otel.js';
import { getLogger } from '../sillok.js';
import { watchNodeHttp } from './node-http.js';
import { watchUndici } from './undici.js';

export interface InstrumentOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
  /** `fetch` and undici. Default true. */
  readonly fetch?: boolean | undefined;
  /** `node:http` and `node:https`, and what stands on them (axios, got, the AWS SDK). Default true. */
  readonly http?: boolean | undefined;
  /**
   * What hosts get that are not ours (`context.insideHosts` of the logger says which are). `traceparent` is an id of random
   * digits; baggage, which names people and customers, never goes to them. Default `trace`.
   */
  readonly foreignHosts?: 'trace' | 'nothing' | undefined;
  /** Calls that are neither recorded nor continued. The path has its query. */
  readonly ignore?: ((host: string, path: string) => boolean) | undefined;
}

/** Once, at the start of the process. Returns what ends it. */
export function instrumentOutgoing(options: InstrumentOptions = {}): () => void {
  const settings = {
    log: (): Logger => options.log ?? getLogger(),
    tellsForeignHosts: options.foreignHosts !== 'nothing',
    ignore: (host: string, path: string): boolean =>
      isOtelSuppressed() || options.ignore?.(host, path) === true,
  };
  const releases = [
    ...(options.fetch === false ? [] : [watchUndici(settings)]),
    ...(options.http === false ? [] : [watchNodeHttp(settings)]),
  ];
  return () => {
    for (const release of releases) release();
  };
}

export { withAttempt } from './resend.js';
