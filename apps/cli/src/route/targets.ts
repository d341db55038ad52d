/** What `--to` and `--copy` name: versions of services, and where they run. */
import { usageError } from '../errors.js';

export interface Copy {
  readonly service: string;
  readonly version: string;
  readonly address: string;
}

const NAME = '[A-Za-z0-9][A-Za-z0-9.-]*';
/** Nothing that would end a directive or a string of the configuration it is put into. */
const ADDRESS = '[A-Za-z0-9][A-Za-z0-9.:_-]*|\\[[0-9a-fA-F:]+\\]:[0-9]+';

/** `orders=fix-42` */
export function targetsOf(texts: readonly string[]): Record<string, string> {
  const targets: Record<string, string> = {};
  for (const text of texts) {
    const found = new RegExp(`^(${NAME})=(${NAME})$`).exec(text);
    if (found === null)
      throw usageError(`"${text}" is not SERVICE=VERSION`, 'For instance: --to orders=fix-42');
    targets[found[1] ?? ''] = found[2] ?? '';
  }
  return targets;
}

/** `orders=fix-42@10.0.0.7:8080` */
export function copiesOf(texts: readonly string[]): Copy[] {
  return texts.map((text) => {
    const found = new RegExp(`^(${NAME})=(${NAME})@(${ADDRESS})$`).exec(text);
    if (found === null) {
      throw usageError(
        `"${text}" is not SERVICE=VERSION@ADDRESS`,
        'For instance: --copy orders=fix-42@10.0.0.7:8080',
      );
    }
    const [, service = '', version = '', address = ''] = found;
    return { service, version, address };
  });
}

/** `orders@orders.internal:8080` */
export function defaultsOf(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const found = new RegExp(`^(${NAME})@(${ADDRESS})$`).exec(text);
      if (found === null)
        throw usageError(`"${text}" is not SERVICE@ADDRESS`, 'For instance: --default orders@10.0.0.6:8080');
      return [found[1] ?? '', found[2] ?? ''];
    }),
  );
}

/** A name of letters, digits and underscores, for variables. */
export function variableOf(service: string): string {
  return service.replace(/[^A-Za-z0-9]/g, '_').toLowerCase();
}

export function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export function byService(copies: readonly Copy[]): Map<string, Copy[]> {
  const groups = new Map<string, Copy[]>();
  for (const copy of copies) groups.set(copy.service, [...(groups.get(copy.service) ?? []), copy]);
  return groups;
}
