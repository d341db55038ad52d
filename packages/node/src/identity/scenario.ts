/** What belongs to the whole scenario: its id, what travels with it, the code that a customer can read out. */
import { CARRIED_NAMES, isCarriable, supportCodeOf, type Carried } from '@sillok/context';
import { newTraceId } from '@sillok/record';
import { currentScope, currentTrace } from '../scope.js';

/**
 * The `global_trace_id` of the current request: the one that came in, else a new one that from here on stands on all
 * records and travels on. Undefined outside of a context.
 */
export function startScenario(): string | undefined {
  const scope = currentScope();
  if (scope === undefined) return undefined;
  const known = scope.known.globalTraceId;
  if (known !== undefined) return known;
  const globalTraceId = newTraceId();
  scope.learn({ globalTraceId });
  return globalTraceId;
}

/**
 * Puts values on all records of the current request, and into the baggage of calls: `client.version`, `customer.id`,
 * `upstream.partner`, and nothing else. False when one is not of its form; then nothing is changed.
 */
export function carry(values: Carried): boolean {
  const scope = currentScope();
  if (scope === undefined) return false;
  const wanted: { -readonly [K in keyof Carried]: Carried[K] } = {};
  for (const [key, value] of Object.entries(values)) {
    const name = CARRIED_NAMES.find((each) => each === key);
    if (name === undefined || typeof value !== 'string' || !isCarriable(name, value)) return false;
    wanted[name] = value;
  }
  scope.learn({ carried: { ...scope.carried, ...wanted } });
  return true;
}

/**
 * A short code for an error page, `7K3M-9QX4`: by it anyone on the team finds this request. It then stands on the access
 * record, too. Undefined outside of a trace.
 */
export function supportCode(): string | undefined {
  const trace = currentTrace();
  if (trace === undefined) return undefined;
  const scope = currentScope();
  if (scope !== undefined) scope.request.isCodeShown = true;
  return supportCodeOf(trace.traceId);
}

const VARIABLES = ['TRACEPARENT', 'TRACESTATE', 'BAGGAGE'] as const;

/** Headers that another process left in the environment of a script: `withTrace(environmentHeaders(), main)`. */
export function environmentHeaders(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  return Object.fromEntries(VARIABLES.map((name) => [name.toLowerCase(), env[name]]));
}

/** Variables for a child process that goes on with this trace: `spawn(…, { env: { ...process.env, ...environmentOf(outgoingHeaders()) } })`. */
export function environmentOf(headers: Readonly<Record<string, string>>): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = headers[name.toLowerCase()];
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}
