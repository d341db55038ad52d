/** Admission in memory, for tests of protocols that need to see what they hand on. It keeps the seam's promises. */
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { normaliseInput } from '@sillok/record';
import { presetConfig } from '../config.js';
import { createLog } from '../log.js';
import { createMetrics } from '../metrics.js';
import type { Admission, ForeignBatch, ForeignVerdict, IngestDeps } from '../seams.js';

const DEFAULT_TIME = '2026-11-21T12:00:00.000000000Z';

export interface RecordingAdmission extends Admission {
  readonly batches: ForeignBatch[];
  records(): { readonly [field: string]: unknown }[];
  /** Thrown by the next calls, until set to undefined. */
  failure: Error | undefined;
}

export function createRecordingAdmission(): RecordingAdmission {
  const seen = new Set<string>();
  const batches: ForeignBatch[] = [];
  return {
    batches,
    failure: undefined,
    records: () => batches.flatMap((batch) => [...batch.records]),
    admitNative: () => Promise.reject(new Error('not a protocol of this test')),
    async admitForeign(batch): Promise<ForeignVerdict> {
      if (this.failure) throw this.failure;
      const repeated = batch.content !== undefined && seen.has(`${batch.protocol} ${batch.content}`);
      if (batch.content !== undefined) seen.add(`${batch.protocol} ${batch.content}`);
      if (!repeated) batches.push(batch);
      // As the real one does: whatever a protocol hands on must be a record or a verdict.
      const rejected = batch.records.flatMap((record, index) => {
        const parsed = normaliseInput(record, {
          seq: index + 1,
          dots: 'namespace',
          defaultTime: DEFAULT_TIME,
        });
        return parsed.ok ? [] : [{ index, code: parsed.code, reason: parsed.reason }];
      });
      return { accepted: repeated ? 0 : batch.records.length - rejected.length, rejected, repeated };
    },
  };
}

/** A server with one protocol and no keys: everybody is project `test`. */
export async function serveProtocol(
  register: (app: FastifyInstance, deps: IngestDeps) => void,
  options: {
    admission: Admission;
    config?: Parameters<typeof presetConfig>[0];
    isOpen?: (project: string) => boolean;
  },
): Promise<FastifyInstance> {
  const stops: (() => Promise<void> | void)[] = [];
  const app = Fastify();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.addHook('onClose', async () => {
    for (const stop of stops.reverse()) await stop();
  });
  const deps: Partial<IngestDeps> = {
    config: presetConfig(options.config),
    log: createLog('silent'),
    metrics: createMetrics(),
    auth: {
      authenticate: () => ({ project: 'test', scopes: ['ingest'], keyId: 'k' }),
      isStillGood: () => true,
      isOpen: options.isOpen ?? (() => true),
    },
    admission: options.admission,
    onStop: (stop) => void stops.push(stop),
  };
  // The protocols under test read nothing else.
  register(app, deps as IngestDeps);
  await app.ready();
  return app;
}
