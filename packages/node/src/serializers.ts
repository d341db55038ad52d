/**
 * Serializers: how a field under a given key becomes plain data. `err` is built in.
 *
 * Type, message and stack of an error go under the names of the semantic conventions (`exception.type`,
 * `exception.message`, `exception.stacktrace`), which have columns of their own; what else it carries (code, causes,
 * own fields) stays under the key that the caller chose. The server does the same with errors of other loggers.
 */
import { ERROR_CAUSES_MAX, ERROR_FIELDS_MAX } from './limits.js';

export type Serializer = (value: unknown) => unknown;
export type Serializers = Readonly<Record<string, Serializer>>;

export type Fields = { [key: string]: unknown };

/** Also of another realm (vm, worker), which `instanceof` does not know. Plain objects are told apart first: it is fast. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Error) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return false;
  return Object.prototype.toString.call(value) === '[object Error]';
}

/** What is left under the caller's key; undefined when the error carries nothing else. */
export function errorDetails(error: Error): Fields | undefined {
  const fields = ownFields(error);
  const causes = causesOf(error);
  if (causes.length > 0) fields['causes'] = causes;
  if (error instanceof AggregateError) {
    fields['errors'] = error.errors
      .slice(0, ERROR_CAUSES_MAX)
      .map((each) => (isError(each) ? brief(each) : each));
  }
  return Object.keys(fields).length === 0 ? undefined : fields;
}

/** All of an error that does not get the columns: the second one of a record. */
export function serializeError(error: Error): Fields {
  const fields = { type: errorType(error), message: errorMessage(error), stack: stackOf(error) };
  return { ...fields, ...errorDetails(error) };
}

/** The known attributes of an error. */
export function exceptionFields(error: Error): Fields {
  const fields: Fields = { 'exception.type': errorType(error), 'exception.message': errorMessage(error) };
  const stack = stackOf(error);
  if (stack !== '') fields['exception.stacktrace'] = stack;
  return fields;
}

/** With the stacks of its causes, as Node prints them. */
function stackOf(error: Error): string {
  const stack = readSafely(() => error.stack);
  return typeof stack === 'string' && stack !== '' ? stack + causeStacks(error) : '';
}

/** `constructor.name` beats `name`: subclasses often forget to set the latter. */
function errorType(error: Error): string {
  const name = readSafely(() => error.constructor.name);
  if (typeof name === 'string' && name !== '' && name !== 'Error' && name !== 'Object') return name;
  const own = readSafely(() => error.name);
  return typeof own === 'string' && own !== '' ? own : 'Error';
}

/** What to group failures by: the code of the system or the library where there is one, else the class. */
export function errorTypeOf(error: unknown): string {
  if (!isError(error)) return typeof error;
  const code = readSafely(() => Reflect.get(error, 'code'));
  return typeof code === 'string' && code !== '' ? code : errorType(error);
}

export function errorMessage(error: Error): string {
  const message = readSafely(() => error.message);
  return typeof message === 'string' ? message : '';
}

/** Own enumerable fields (`code`, `errno`, `statusCode`, …), bounded, without what has a place of its own. */
function ownFields(error: Error): Fields {
  const fields: Fields = {};
  for (const key of Object.keys(error).slice(0, ERROR_FIELDS_MAX)) {
    if (key === 'cause' || key === 'stack' || key === 'errors') continue;
    fields[key] = readSafely(() => Reflect.get(error, key));
  }
  return fields;
}

/** The chain of causes, nearest first; ends at a cause that was there before. */
function causeChain(error: Error): unknown[] {
  const chain: unknown[] = [];
  const seen = new Set<unknown>([error]);
  let cause = readSafely(() => error.cause);
  while (cause !== undefined && cause !== null && !seen.has(cause) && chain.length < ERROR_CAUSES_MAX) {
    chain.push(cause);
    seen.add(cause);
    const current = cause;
    cause = isError(current) ? readSafely(() => current.cause) : undefined;
  }
  return chain;
}

function causesOf(error: Error): unknown[] {
  return causeChain(error).map((cause) => (isError(cause) ? brief(cause) : cause));
}

function causeStacks(error: Error): string {
  let text = '';
  for (const cause of causeChain(error)) {
    const stack = isError(cause) ? readSafely(() => cause.stack) : undefined;
    if (typeof stack === 'string') text += `\ncaused by: ${stack}`;
  }
  return text;
}

function brief(error: Error): Fields {
  return { ...ownFields(error), type: errorType(error), message: errorMessage(error) };
}

/** Errors may be proxies or have getters that throw; logging one must not throw again. */
function readSafely(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Runs the caller's serializer; a broken one costs its field, never the record or the host. */
export function applySerializer(serializer: Serializer, value: unknown): unknown {
  try {
    return serializer(value);
  } catch (error) {
    return `(unreadable: ${isError(error) ? errorMessage(error) : String(error)})`;
  }
}
