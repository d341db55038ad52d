/** The form of an action from the command line: `--set city=부산 --set address.zip=48058`, typed by the action's own schema. */
import type { JsonSchema } from '@sillok/api';
import { usageError } from '../errors.js';

export interface GivenInput {
  readonly set?: readonly string[];
  readonly input?: string;
}

export function inputOf(schema: JsonSchema, { set = [], input }: GivenInput): unknown {
  const given = input === undefined ? {} : jsonOf(input);
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    if (set.length === 0) return given;
    throw usageError('--set needs a form with fields', 'Give the whole of it with --input.');
  }
  return set.reduce((form: object, pair) => withPair(form, pair, schema), given);
}

function withPair(form: object, pair: string, schema: JsonSchema): object {
  const at = pair.indexOf('=');
  if (at < 1) throw usageError(`"${pair}" is not name=value`, 'Write it as in --set city=Busan.');
  const path = pair.slice(0, at).split('.');
  return put({ form, path, schema, text: pair.slice(at + 1) });
}

interface Put {
  readonly form: object;
  readonly path: readonly string[];
  readonly schema: unknown;
  readonly text: string;
}

function put({ form, path, schema, text }: Put): object {
  const [name = '', ...rest] = path;
  const properties: unknown = Object(Object(schema)['properties']);
  if (!Object.hasOwn(Object(properties), name)) {
    const names = Object.keys(Object(properties)).join(', ');
    throw usageError(
      `"${name}" is not a field of this action`,
      names === '' ? 'It takes none.' : `It takes: ${names}.`,
    );
  }
  const own: unknown = Reflect.get(Object(properties), name);
  if (rest.length === 0) return { ...form, [name]: valueOf(own, text) };
  const inner: unknown = Reflect.get(form, name);
  return { ...form, [name]: put({ form: Object(inner), path: rest, schema: own, text }) };
}

/** A text that does not fit stays a text: the service says what is wrong with it. */
function valueOf(schema: unknown, text: string): unknown {
  const type: unknown = Object(schema)['type'];
  if (type === 'number' || type === 'integer') return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'object' || type === 'array') return jsonOf(text);
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usageError(`"${text.slice(0, 60)}" is not JSON`, '');
  }
}
