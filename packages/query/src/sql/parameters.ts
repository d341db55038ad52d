/** Values for a statement, bound by name: `{p1:String}`. Nothing that a reader typed becomes part of the SQL text. */

export type ParameterValue = string | number | readonly string[];

export interface Parameters {
  readonly [name: string]: ParameterValue;
}

export class ParameterList {
  private readonly byKey = new Map<string, string>();
  private readonly list: { [name: string]: ParameterValue } = {};

  /** Placeholder for a value. The same value is bound once. */
  add(
    type: 'String' | 'Float64' | 'Int64' | 'UInt64' | 'UInt32' | 'Array(String)',
    value: ParameterValue,
  ): string {
    const key = `${type} ${JSON.stringify(value)}`;
    let name = this.byKey.get(key);
    if (name === undefined) {
      name = `p${this.byKey.size + 1}`;
      this.byKey.set(key, name);
      this.list[name] = value;
    }
    return `{${name}:${type}}`;
  }

  values(): Parameters {
    return this.list;
  }
}
