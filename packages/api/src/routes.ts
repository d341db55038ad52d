/** Every call of the reading side, its method and its path, in one place for server, client and docs. */
export const ROUTES = {
  search: '/api/search',
  context: '/api/context',
  fields: '/api/fields',
  fieldValues: '/api/fields/:name/values',
  histogram: '/api/histogram',
  estimate: '/api/estimate',
  export: '/api/export',
  live: '/api/live',
  trace: '/api/trace/:id',
  scenario: '/api/scenario',
  sql: '/api/sql',
  sqlQuery: '/api/sql/:queryId',
  rules: '/api/rules',
  keys: '/api/keys',
  key: '/api/keys/:id',
  signIn: '/api/sign-in',
  session: '/api/session',
  sessionProject: '/api/session/project',
  password: '/api/session/password',
  sessions: '/api/sessions',
  sessionOne: '/api/sessions/:id',
  users: '/api/users',
  user: '/api/users/:id',
  userReset: '/api/users/:id/reset',
  members: '/api/members',
  member: '/api/members/:id',
  invitations: '/api/invitations',
  invitation: '/api/invitations/:id',
  projects: '/api/projects',
  history: '/api/settings/history',
  saved: '/api/saved',
  savedOne: '/api/saved/:id',
  savedStar: '/api/saved/:id/star',
  oidcBegin: '/api/sign-in/oidc',
  oidcReturn: '/api/sign-in/oidc/return',
  audit: '/api/audit',
  auditCheckpoint: '/api/audit/checkpoint',
  auditConsistency: '/api/audit/consistency',
  auditReceipt: '/api/audit/receipt',
  auditVerifier: '/api/audit/verifier',
  auditEntries: '/v1/audit',
  records: '/v1/records',
  livez: '/livez',
  readyz: '/readyz',
} as const;

export type RouteName = keyof typeof ROUTES;

/** A path with its `:names` filled in. */
export function pathOf(route: RouteName, values: Readonly<Record<string, string>> = {}): string {
  return ROUTES[route].replace(/:([a-zA-Z]+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
}
