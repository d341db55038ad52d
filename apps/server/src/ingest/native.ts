/** `POST /v1/records`: native batches, a header line and record lines, gzip or plain. */
import type { FastifyInstance } from 'fastify';

import type { IngestDeps } from '../seams.js';

export function registerNative(app: FastifyInstance, { auth, admission }: IngestDeps): void {
  const callers = new WeakMap<object, string>();
  app.post('/v1/records', {
    // Before the body is read: who may not send does not cost memory.
    onRequest: async (request) => {
      callers.set(request, auth.authenticate(request, 'ingest').project);
    },
    handler: async (request) => {
      const project = callers.get(request) ?? auth.authenticate(request, 'ingest').project;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      return admission.admitNative({ project, body });
    },
  });
}
