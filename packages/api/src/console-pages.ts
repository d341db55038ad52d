/**
 * First segments of the addresses that the console draws itself. The server answers each of them, and what is below
 * it, with the console's page; the console may have no page whose address is not here.
 */
export const CONSOLE_SEGMENTS = [
  '',
  'find',
  'search',
  'live',
  'trace',
  'scenario',
  'person',
  'errors',
  'patterns',
  'trends',
  'why',
  'map',
  'endpoints',
  'endpoint',
  'retries',
  'sql',
  'dashboards',
  'reports',
  'wall',
  'alerts',
  'admin',
  'audit',
  'history',
  'review',
  'people',
  'projects',
  'keys',
  'settings',
  'privacy',
  'routing',
  'scripts',
  'status',
  'start',
  'welcome',
] as const;

/** In an address of the console, before the name of a variable whose value it gives: `v.customer=acme`. */
export const VALUE_PREFIX = 'v.';
