/**
 * Arguments of a script from its zod schema: flags, their help, and their check. `address.city` of the schema's JSON form is
 * not supported; scripts have flat arguments.
 */
import { z } from 'zod';
import { ScriptError } from '../errors.js';

interface Property {
  readonly name: string;
  readonly flag: string;
  readonly type: string;
  readonly description: string;
  readonly isRequired: boolean;
  readonly preset: unknown;
  readonly values: readonly unknown[] | undefined;
}

const schemaShape = z.looseObject({
  properties: z.record(z.string(), z.looseObject({})).optional(),
  required: z.array(z.string()).optional(),
});

export function propertiesOf(schema: z.ZodType): Property[] {
  const { properties = {}, required = [] } = schemaShape.parse(z.toJSONSchema(schema, { io: 'input' }));
  return Object.entries(properties).map(([name, property]) => ({
    name,
    flag: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')}`,
    type: typeof property['type'] === 'string' ? property['type'] : 'text',
    description: typeof property['description'] === 'string' ? property['description'] : '',
    isRequired: required.includes(name),
    preset: property['default'],
    values: Array.isArray(property['enum']) ? property['enum'] : undefined,
  }));
}

/** `words`: what follows the script's name, without the runner's own flags. */
export function readArgs<Args>(schema: z.ZodType<Args>, words: readonly string[]): Args {
  const properties = propertiesOf(schema);
  const given: { [name: string]: unknown } = {};
  for (let index = 0; index < words.length; index += 1) {
    const [flag = '', ...rest] = (words[index] ?? '').split('=');
    const property = properties.find((each) => each.flag === flag);
    if (property === undefined) throw usage(`"${flag}" is not an argument of this script`, properties);
    if (property.type === 'boolean') {
      given[property.name] = rest.length === 0 || rest.join('=') !== 'false';
      continue;
    }
    const text = rest.length > 0 ? rest.join('=') : words[(index += 1)];
    if (text === undefined) throw usage(`${flag} needs a value`, properties);
    if (property.type === 'array') given[property.name] = [...listOf(given[property.name]), text];
    else given[property.name] = ['number', 'integer'].includes(property.type) ? Number(text) : text;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = properties.find(({ name }) => name === issue?.path[0])?.flag ?? 'the arguments';
  throw usage(`${where}: ${issue?.message ?? 'not valid'}`, properties);
}

export function helpOf(schema: z.ZodType): string {
  return propertiesOf(schema).map(lineOf).join('\n');
}

function lineOf({ flag, type, description, isRequired, preset, values }: Property): string {
  const form = values === undefined ? `<${type}>` : values.join('|');
  const head = type === 'boolean' ? flag : `${flag} ${form}`;
  const need = isRequired ? 'needed' : preset === undefined ? '' : `default ${JSON.stringify(preset)}`;
  return `  ${head.padEnd(28)} ${description}${need === '' ? '' : ` (${need})`}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function usage(problem: string, properties: readonly Property[]): ScriptError {
  const help = properties.length === 0 ? 'It takes no arguments.' : properties.map(lineOf).join('\n');
  return new ScriptError('usage', `${problem}.`, help);
}
