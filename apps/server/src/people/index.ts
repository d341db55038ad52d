/** People: signing in, members, invitations, users, projects. */
import { ROUTES, type SignInWays } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import type { PeopleDeps } from './context.js';
import { registerOidc } from './oidc.js';
import { registerOwnerRoutes } from './owner-routes.js';
import { registerSaml } from './saml.js';
import { registerSession } from './session-routes.js';
import { registerUserRoutes } from './user-routes.js';

export function registerPeople(app: FastifyInstance, deps: PeopleDeps): void {
  const { config } = deps;
  app.get(ROUTES.signIn, (): SignInWays => ({
    password: true,
    oidc: config.oidcIssuer === '' ? null : { name: config.oidcName },
    saml: config.samlEntryPoint === '' ? null : { name: config.samlName },
  }));
  registerSession(app, deps);
  registerUserRoutes(app, deps);
  registerOwnerRoutes(app, deps);
  registerOidc(app, deps);
  registerSaml(app, deps);
}
