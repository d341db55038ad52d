/** People who sign in to the console with an account: invited as their admin would, and they chose a password. */
import type { Account } from './journey.js';

interface Served {
  readonly url: string;
  readonly key: string;
}

/** A member of the server's first project. */
export async function invited(
  server: Served,
  { email, role }: { email: string; role: string },
): Promise<Account> {
  const password = `${email} likes long words`;
  const link = await post(server, '/api/invitations', { email, role });
  const invitation = new URL(String(link['link'])).hash.replace('#invitation=', '');
  await post(server, '/api/session', { invitation, name: email.split('@')[0], password });
  return { email, password };
}

async function post({ url, key }: Served, path: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', origin: url },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
  // An object, as every answer of the API.
  return JSON.parse(text) as Record<string, unknown>;
}
