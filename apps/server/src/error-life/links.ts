/** Where Sentry, Datadog and Pinpoint show the trace of an error: addresses that the project gave, with the ids filled in. */
import { LINKED_SYSTEMS, type ErrorGroup, type ErrorLink, type ErrorLinks } from '@sillok/api';
import { compileTraceAliases } from '@sillok/query';
import { fromStoredText } from '@sillok/record';

import type { Caller } from '../analysis/caller.js';
import type { Shelf } from '../settings/objects.js';
import { LINKS_ID } from './routes.js';

type Unlinked = Omit<ErrorGroup, 'links'>;

/** One more statement, and none where no other system is named. */
export async function linkErrors(
  links: Shelf<ErrorLinks>,
  caller: Caller,
  groups: readonly Unlinked[],
): Promise<ErrorGroup[]> {
  const templates = links.get(caller.project, LINKS_ID)?.value;
  const systems = LINKED_SYSTEMS.filter((system) => (templates?.[system] ?? '') !== '');
  const traceIds = [...new Set(groups.map((group) => group.trace_id).filter((id) => id !== ''))];
  if (templates === undefined || systems.length === 0 || traceIds.length === 0)
    return groups.map((group) => ({ ...group, links: [] }));
  const { project, table } = caller;
  const rows = await caller.rows(compileTraceAliases({ project, table, traceIds, dialects: systems }));
  const known = new Map(rows.map(([traceId, ...ids]) => [String(traceId), ids.map((id) => plain(id))]));
  return groups.map((group) => ({
    ...group,
    links: systems.flatMap((system, index): ErrorLink[] => {
      const ids = { id: known.get(group.trace_id)?.[index] ?? '', trace_id: group.trace_id };
      const url = filled(templates[system], ids);
      return url === undefined ? [] : [{ system, url }];
    }),
  }));
}

function plain(stored: unknown): string {
  const value = fromStoredText(String(stored));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Undefined when an id that it needs is not known. What stands in a record fills one place of the address and no more. */
function filled(
  template: string,
  ids: { readonly id: string; readonly trace_id: string },
): string | undefined {
  const needs = (['id', 'trace_id'] as const).filter((name) => template.includes(`{${name}}`));
  if (needs.some((name) => ids[name] === '')) return undefined;
  return needs.reduce(
    (url, name) => url.replaceAll(`{${name}}`, () => encodeURIComponent(ids[name])),
    template,
  );
}
