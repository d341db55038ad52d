/** The form of an action from its JSON schema: a list of fields to fill in, and the input that they amount to. Pure. */
import type { JsonSchema } from '@sillok/api';

export type FieldKind = 'text' | 'number' | 'yes-no' | 'choice' | 'json';

export interface FormField {
  /** `address.city` */
  readonly path: readonly string[];
  readonly name: string;
  readonly label: string;
  readonly kind: FieldKind;
  readonly choices: readonly string[];
  readonly isNeeded: boolean;
  readonly preset: string;
}

/** Fields one inside another are listed as one form; what has no form of its own is written as JSON. */
export function fieldsOf(schema: JsonSchema): readonly FormField[] {
  const fields: FormField[] = [];
  const waiting: { path: readonly string[]; schema: unknown; isNeeded: boolean }[] = [
    { path: [], schema, isNeeded: true },
  ];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { path, schema: own, isNeeded } = next;
    const { type, properties, required }: { type?: unknown; properties?: unknown; required?: unknown } =
      Object(own);
    if (type === 'object' && properties !== undefined) {
      const needed: readonly unknown[] = Array.isArray(required) ? required : [];
      const inner = Object.entries(Object(properties)).map(([name, each]) => ({
        path: [...path, name],
        schema: each,
        isNeeded: isNeeded && needed.includes(name),
      }));
      waiting.unshift(...inner);
      continue;
    }
    fields.push(fieldOf(path, own, isNeeded));
  }
  return fields;
}

/** What is left empty is left out: the service says whether it is needed. */
export function inputOf(
  fields: readonly FormField[],
  values: Readonly<Record<string, string>>,
): { readonly input: unknown } | { readonly wrong: FormField } {
  let input: unknown = {};
  for (const field of fields) {
    const text = values[field.name] ?? field.preset;
    if (text === '') continue;
    const value = valueOf(field, text);
    if (value === undefined) return { wrong: field };
    input = put(input, field.path, value);
  }
  return { input };
}

function fieldOf(path: readonly string[], schema: unknown, isNeeded: boolean): FormField {
  const { type, description, title, enum: listed, default: preset } = Object(schema);
  const choices = Array.isArray(listed) ? listed.map(String) : [];
  const name = path.join('.');
  const words: unknown = title ?? description;
  return {
    path,
    name,
    label: typeof words === 'string' && words !== '' ? words : name,
    kind: choices.length > 0 ? 'choice' : kindOf(type),
    choices,
    isNeeded,
    preset: preset === undefined ? '' : typeof preset === 'string' ? preset : JSON.stringify(preset),
  };
}

function kindOf(type: unknown): FieldKind {
  if (type === 'string') return 'text';
  if (type === 'number' || type === 'integer') return 'number';
  return type === 'boolean' ? 'yes-no' : 'json';
}

/** Undefined when it does not fit. */
function valueOf({ kind }: FormField, text: string): unknown {
  if (kind === 'yes-no') return text === 'true';
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : undefined;
  if (kind !== 'json') return text;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function put(into: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const own = Object(into);
  const inner: unknown = Object.hasOwn(own, name) ? Reflect.get(own, name) : {};
  return { ...own, [name]: rest.length === 0 ? value : put(inner, rest, value) };
}
