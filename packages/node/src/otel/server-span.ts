/**
 * What the host put on OpenTelemetry's server span, for our access record, which is that span in the spool. What an
 * instrumentation put there about HTTP itself stands on the access record under the same names already.
 */
import { eventFields, type OtelSpan } from './span-fields.js';

const ABOUT_HTTP = /^(?:http|url|net|network|server|client|user_agent)\./;

/** Undefined when there is nothing. */
export function ownAttributes(span: object): object | undefined {
  if (!isReadable(span)) return undefined;
  const own = Object.entries(span.attributes).filter(([name]) => !ABOUT_HTTP.test(name));
  if (own.length === 0 && span.events.length === 0) return undefined;
  return { ...Object.fromEntries(own), ...eventFields(span) };
}

function isReadable(span: object): span is Pick<OtelSpan, 'attributes' | 'events'> {
  if (!('attributes' in span) || !('events' in span)) return false;
  return typeof span.attributes === 'object' && span.attributes !== null && Array.isArray(span.events);
}
