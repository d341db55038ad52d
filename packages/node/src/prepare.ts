/**
 * Fields of a call that are not data yet: functions are evaluated (that is what makes them lazy: a filtered level
 * never gets here), errors become the fields of an exception. Returns a copy; the caller's object is not touched.
 */
import {
  applySerializer,
  errorDetails,
  exceptionFields,
  isError,
  serializeError,
  type Fields,
} from './serializers.js';
import { setOwn } from './own-property.js';

export function prepareFields(fields: object): object {
  try {
    return prepare(fields);
  } catch {
    // A proxy that does not even name its keys: `flatten` says so in the record.
    return fields;
  }
}

function prepare(fields: object): object {
  const prepared: Fields = {};
  let exception: Fields | undefined;
  for (const [key, given] of safeEntries(fields)) {
    const value =
      typeof given === 'function' && isPlain(fields) ? applySerializer(() => given(), undefined) : given;
    if (typeof value === 'function') continue;
    if (!isError(value)) {
      setOwn(prepared, key, value);
    } else if (exception === undefined) {
      exception = exceptionFields(value);
      const details = errorDetails(value);
      if (details !== undefined) setOwn(prepared, key, details);
    } else {
      setOwn(prepared, key, serializeError(value));
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
