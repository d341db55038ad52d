/** `/api/demo`: the made-up shop, started and stopped by whoever owns the server, for it starts programs on it. */
import { join, resolve } from 'node:path';

import { DEMO_PROJECT, ROUTES, type DemoShape } from '@sillok/api';
import { IDENTITY_KEYS_FILE } from '@sillok/record/personal';
import type { FastifyInstance } from 'fastify';

import { notFound } from '../errors.js';
import type { DataPaths } from '../filenames.js';
import type { ServerDeps } from '../seams.js';
import type { Settings } from '../settings/settings.js';
import { createDemo } from './demo.js';

export interface DemoDeps {
  readonly deps: ServerDeps;
  readonly settings: Settings;
  readonly paths: DataPaths;
  readonly url: () => string;
}

export function registerDemo(app: FastifyInstance, { deps, settings, paths, url }: DemoDeps): void {
  const { auth, config, log, onStop } = deps;
  // The shop names its customers with the keys of this server, so that they are found by what they can say.
  const identity = config.identityDirectory === '' ? paths.identity : resolve(config.identityDirectory);
  const identityKeys = join(identity, IDENTITY_KEYS_FILE);
  const demo = createDemo({ settings, log, url, dataDirectory: paths.root, identityKeys });
  onStop(() => demo.stop());

  app.get(ROUTES.demo, (request): DemoShape => {
    auth.authenticate(request, 'read');
    return demo.state();
  });
  app.post(ROUTES.demo, (request, reply) => {
    const { keyId: actor } = auth.authenticate(request, 'owner');
    if (!demo.state().available)
      throw notFound(
        'There is no demo shop here.',
        'It comes with a clone of the repository, not with the package.',
      );
    const shop = { what: 'demo', id: 'shop', project: DEMO_PROJECT } as const;
    settings.note({ ...shop, verb: 'start' }, { message: 'the demo shop was started', actor });
    demo.start(actor);
    return reply.code(202).send(demo.state());
  });
  app.delete(ROUTES.demo, async (request): Promise<DemoShape> => {
    const { keyId: actor } = auth.authenticate(request, 'owner');
    const shop = { what: 'demo', id: 'shop', project: DEMO_PROJECT } as const;
    settings.note({ ...shop, verb: 'stop' }, { message: 'the demo shop was stopped', actor });
    await demo.stop();
    return demo.state();
  });
}
