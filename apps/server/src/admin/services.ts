/**
 * Which services have an admin API, from a file of the operator's: name, address, shared secret, project. Read once, at start; a file
 * that cannot be used stops the start. Secrets never leave it.
 */
import { readFileSync } from 'node:fs';

import { mustBeSecret } from '@sillok/admin/wire';
import { z } from 'zod';

import { ConfigError } from '../errors.js';
import { DEFAULT_PROJECT } from '../settings/dev-key.js';
import { ADMIN_SERVICES_MAX } from './limits.js';
import { inputWords } from '../read/wrong-input.js';

const serviceShape = z.strictObject({
  /** As the service calls itself in `createAdmin`. */
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'a-z, 0-9, "-" and "_"'),
  title: z.string().max(100).optional(),
  url: z.url({ protocol: /^https?$/ }),
  secret: z.string(),
  project: z.string().default(DEFAULT_PROJECT),
  /** The operator's word that a private address is meant: the usual case, since the path is a private one. */
  private: z.boolean().default(false),
});
const fileShape = z.strictObject({ services: z.array(serviceShape).max(ADMIN_SERVICES_MAX) });

export type AdminService = z.output<typeof serviceShape>;

/** None without a file. Throws `ConfigError`. */
export function loadAdminServices(path: string): readonly AdminService[] {
  if (path === '') return [];
  const parsed = fileShape.safeParse(readJson(path), { error: inputWords });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ConfigError(`${path} cannot be used: ${issue?.path.join('.')}: ${issue?.message}.`);
  }
  const { services } = parsed.data;
  const names = services.map(({ project, name }) => `${project}/${name}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new ConfigError(`${path} names the service ${twice} twice.`);
  for (const { name, secret } of services) checkSecret(path, name, secret);
  return services;
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(
      `${path} cannot be used: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
}

function checkSecret(path: string, name: string, secret: string): void {
  try {
    mustBeSecret(secret);
  } catch (error) {
    throw new ConfigError(`${path}: ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
