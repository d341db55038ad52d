/**
 * Fields of a call that are not data yet: functions are evaluated (that is what makes them lazy: a filtered level
 * never gets here), errors become the fields of an exception. Returns a copy; the caller's object is not touched.
 */
import { applySerializer, errorDetails, exceptionFields, isError, serializeError, type Fields } from './serializers.js';

export function prepareFields(fields: object): object {
  const prepared: Fields = {};
  let exception: Fields | undefined;
  for (const [key, given] of safeEntries(fields)) {
    const value = typeof given === 'function' && isPlain(fields) ? applySerializer(() => given(), undefined) : given;
    if (typeof value === 'function') continue;
    if (!isError(value)) {
      define(prepared, key, value);
    } else if (exception === undefined) {
      exception = exceptionFields(value);
      const details = errorDetails(value);
      if (details !== undefined) define(prepared, key, details);
    } else {
      define(prepared, key, serializeError(value));
    }
  }
  return exception === undefined ? prepared : { ...exception, ...prepared };
}

/** Functions of class instances are methods, and calling them would have effects. */
function isPlain(fields: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(fields);
  return prototype === Object.prototype || prototype === null;
}

function safeEntries(fields: object): [string, unknown][] {
  return Object.keys(fields).map((key) => [key, applySerializer(() => Reflect.get(fields, key), undefined)]);
}

function define(target: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}
