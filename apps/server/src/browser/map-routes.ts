/** `/api/browser/source-maps`: a release's maps come in with `ingest`, are listed with `read` and removed with `admin`. */
import { ROUTES } from '@sillok/api';
import type { AuditOutcome } from '@sillok/record';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { badRequest, notFound, ServerError } from '../errors.js';
import { BodyBudget, useRawBodies } from '../http/body.js';
import type { Act, Acts, OpenAct } from '../audit/acts.js';
import type { IngestDeps } from '../seams.js';
import { KILL_TEXT_LENGTH_MAX, MAP_BYTES_MAX, MAP_FILES_MAX, MAPS_IN_FLIGHT_BYTES_MAX } from './limits.js';
import { parseMap } from './map-parse.js';
import type { MapStore, ReleaseName } from './map-store.js';

const MAP_ENTITY = 'source_maps';

export interface MapRoutesDeps extends Pick<IngestDeps, 'auth'> {
  readonly acts: Acts;
  readonly maps: MapStore;
}

export async function registerMapRoutes(app: FastifyInstance, deps: MapRoutesDeps): Promise<void> {
  const { auth, acts, maps } = deps;
  acts.settle([MAP_ENTITY], (act) => endOf(act, maps));

  app.get(ROUTES.browserSourceMaps, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { releases: maps.list(project).map(({ project: _own, ...shown }) => shown) };
  });

  app.delete(ROUTES.browserSourceMaps, (request) => {
    const { project, keyId } = auth.authenticate(request, 'admin');
    const { app: name, release } = readQuery(request, project);
    const which = { project, app: name, release };
    if (maps.revision(which) === undefined)
      throw notFound(
        `There are no source maps of ${name} ${release}.`,
        '"sillok sourcemaps list" shows what there is.',
      );
    acts.change(actOf(which, { action: 'source_maps.delete', actor: keyId }), () => maps.remove(which));
    return { app: name, release, removed: true };
  });

  await app.register(async (upload) => {
    const limits = { sentBytesMax: MAP_BYTES_MAX, inflatedBytesMax: MAP_BYTES_MAX };
    upload.addHook('onRequest', async (request) => void auth.authenticate(request, 'ingest'));
    useRawBodies(upload, new BodyBudget(MAPS_IN_FLIGHT_BYTES_MAX), limits);
    upload.post(ROUTES.browserSourceMaps, (request, reply) => {
      const { project, keyId } = auth.authenticate(request, 'ingest');
      const { file, ...name } = readQuery(request, project);
      if (file === '') throw badRequest('request_invalid', 'The file whose map this is has no name.', HELP);
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const parsed = parseMap(body.toString('utf8'));
      if (!parsed.ok)
        throw badRequest('source_map_invalid', `This is no source map: ${parsed.reason}.`, HELP);
      const act = actOf(name, { action: 'source_maps.upload', actor: keyId });
      acts.change({ ...act, arguments: { ...name, file } }, () => {
        if (!maps.put(name, file, parsed.map)) throw tooManyFiles(name);
      });
      return reply.code(201).send({ app: name.app, release: name.release, file });
    });
  });
}

function actOf(name: ReleaseName, more: Pick<Act, 'action' | 'actor'>): Act {
  const { project, app, release } = name;
  return { ...more, project, entity: { type: MAP_ENTITY, id: `${app}@${release}` }, arguments: name };
}

/** After a kill: whole releases come and go with their list, which is replaced last and removed with the rest. */
function endOf({ action, arguments: name }: OpenAct, maps: MapStore): AuditOutcome {
  // Written by `actOf`.
  const isThere = maps.revision(name as ReleaseName) !== undefined;
  if (action === 'source_maps.delete') return isThere ? 'unknown' : 'committed';
  return isThere ? 'unknown' : 'rolled_back';
}

const HELP =
  'Send the .map file as body to ?app=shop&release=1.4.0&file=assets/app.js, or use "sillok sourcemaps upload".';

function readQuery({ query }: FastifyRequest, project: string): ReleaseName & { readonly file: string } {
  const { app, release, file = '' }: { app?: unknown; release?: unknown; file?: unknown } = Object(query);
  const texts = [app, release, file];
  const isGood = texts.every((text) => typeof text === 'string' && text.length <= KILL_TEXT_LENGTH_MAX);
  if (!isGood || app === '' || release === '') {
    const message = `app, release and file are texts of at most ${KILL_TEXT_LENGTH_MAX} characters.`;
    throw badRequest('request_invalid', message, HELP);
  }
  return { project, app: String(app), release: String(release), file: String(file) };
}

function tooManyFiles({ app, release }: ReleaseName): ServerError {
  return new ServerError({
    status: 409,
    code: 'too_many_source_maps',
    message: `${app} ${release} has ${MAP_FILES_MAX} source maps already.`,
    help: 'Upload only the maps of files that pages load.',
  });
}
