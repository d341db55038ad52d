/**
 * Fields that come from context headers rather than from the service: ids of strangers (`trace.alias.…`) and values that
 * travel with a request (`client.version`, `customer.id`, `upstream.partner`).
 */
import type { Alias, Carried, TraceContext } from '@sillok/context';
import type { FrozenFields } from './frozen.js';

type Entry = readonly [path: string, text: string];

/** For the access record. Ids of a known form go in as they are; others may hold anything, and are searched for secrets. */
export function aliasEntries(aliases: readonly Alias[], clean: (text: string) => string): Entry[] {
  const entries: Entry[] = [];
  const seen = new Set<string>();
  for (const { name, value, span, isStrict } of aliases) {
    // Two configured headers may come to the same name; the first one stands.
    if (seen.has(name)) continue;
    seen.add(name);
    entries.push([`trace.alias.${name}`, isStrict ? value : clean(value)]);
    if (span !== undefined) entries.push([`trace.alias_span.${name}`, isStrict ? span : clean(span)]);
  }
  return entries;
}

export function aliasFields(aliases: readonly Alias[]): object {
  return Object.fromEntries(aliasEntries(aliases, (text) => text));
}

/** The id of a caller whose place in the trace another instrumentation has taken. */
export function withOverruled({ traceId, parentSpanId, aliases = [] }: TraceContext): readonly Alias[] {
  if (aliases.some(({ value }) => value === traceId)) return aliases;
  return [{ name: 'w3c', value: traceId, span: parentSpanId, isStrict: true }, ...aliases];
}

/** `fields` with what travels, which stands under its name even where the service uses the same group for its own. */
export function withCarried(fields: FrozenFields, carried: Carried): FrozenFields {
  const merged: { [key: string]: unknown } = { ...fields };
  for (const [path, value] of Object.entries(carried)) {
    const [group = '', key = ''] = path.split('.');
    const own = merged[group];
    if (own === undefined) merged[group] = { [key]: value };
    else if (typeof own === 'object' && own !== null && !Array.isArray(own))
      merged[group] = { ...own, [key]: value };
    else merged[path] = value;
  }
  return merged;
}
