/** `GET /api/rules`: by which rules records are taken, and which values of the reader's project did not fit them. */
import { ROUTES } from '@sillok/api';
import type { FastifyInstance } from 'fastify';

import type { ActiveRules } from '../admit/active-rules.js';
import type { Authenticator } from '../seams.js';

export interface RulesDeps {
  readonly auth: Authenticator;
  readonly rules: ActiveRules | undefined;
}

export function registerRules(app: FastifyInstance, { auth, rules }: RulesDeps): void {
  app.get(ROUTES.rules, (request) => {
    const { project } = auth.authenticate(request, 'read');
    return { rules: rules === undefined ? null : shown(rules), conflicts: rules?.conflictsOf(project) ?? [] };
  });
}

function shown({ rules }: ActiveRules): object {
  const { aliases, units, types, levels, routes } = rules;
  return {
    aliases,
    units,
    types,
    levels: Object.fromEntries(levels),
    routes: routes.map(({ route }) => route),
  };
}
