/**
 * A client of an admin API whose types come from the definition itself: `adminClient<typeof admin>({ … })`. Nothing is generated, and
 * nothing of the service is loaded; the type alone says what there is.
 */
import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { AdminError, type AdminErrorCode } from '../errors.js';
import type { Admin, AnyAdmin } from './admin.js';
import type { Action } from './define.js';
import { signCall, type AdminActor } from './signature.js';
import type { EntityAnswer, EntityPage, PlanAnswer, RunAnswer } from './wire.js';

export interface ClientOptions {
  /** `https://sillok.example/api/admin/shop`, or the admin API of the service itself. */
  readonly url: string;
  /** A key of Sillok’s server, when it goes through it. */
  readonly key?: string;
  /** For a program beside the service that has the secret and says who acts. */
  readonly signed?: { readonly secret: string; readonly service: string; readonly actor: AdminActor };
  readonly fetch?: typeof globalThis.fetch;
}

export interface RunOptions {
  readonly reason?: string;
  readonly version?: string;
  /** Send the same one again to be sure that it is done once. Made anew when left out. */
  readonly key?: string;
}

type Fields<E> = E extends { readonly fields: infer F extends z.ZodType } ? z.output<F> : never;

interface Change<Input> {
  plan(id: string, input: Input): Promise<PlanAnswer>;
  run(id: string, input: Input, options?: RunOptions): Promise<RunAnswer>;
}
interface Creation<Input> {
  plan(input: Input): Promise<PlanAnswer>;
  run(input: Input, options?: RunOptions): Promise<RunAnswer>;
}
type CallsOf<A> =
  A extends Action<unknown, string, infer Input, infer Creates>
    ? Creates extends true
      ? Creation<z.input<Input>>
      : Change<z.input<Input>>
    : never;
type ActionsOf<A, E> = A extends { readonly entity: E } ? A : never;
type NameOf<A> = A extends { readonly name: infer Name extends string } ? Name : never;
type TypeOf<E> = E extends { readonly type: infer Type extends string } ? Type : never;

interface EntityCalls<E> {
  search(
    text?: string,
    page?: { readonly limit?: number; readonly cursor?: string },
  ): Promise<EntityPage<Fields<E>>>;
  read(id: string): Promise<EntityAnswer<Fields<E>>>;
}

export type AdminClient<T> =
  T extends Admin<infer E, infer A>
    ? {
        // By the type of each entity …
        readonly [Each in E as TypeOf<Each>]: EntityCalls<Each> & {
          // … and the name of each of its actions.
          readonly [One in ActionsOf<A, Each> as NameOf<One>]: CallsOf<One>;
        };
      }
    : never;

type Send = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>;

export function adminClient<T extends AnyAdmin>(options: ClientOptions): AdminClient<T> {
  const send = sender(options);
  const client = new Proxy(
    {},
    { get: (_target, type) => (typeof type === 'string' ? entityCalls(send, type) : undefined) },
  );
  // Every name answers; which there are, and what they take, is what the type says.
  return client as AdminClient<T>;
}

function entityCalls(send: Send, type: string): object {
  const path = `/${encodeURIComponent(type)}`;
  const own: Readonly<Record<string, unknown>> = {
    search: (text = '', page: { limit?: number; cursor?: string } = {}) => {
      const query = new URLSearchParams({ text });
      if (page.limit !== undefined) query.set('limit', String(page.limit));
      if (page.cursor !== undefined) query.set('cursor', page.cursor);
      return send('GET', `${path}?${query}`);
    },
    read: (id: string) => send('GET', `${path}/entities/${encodeURIComponent(id)}`),
  };
  return new Proxy(own, {
    get: (target, name) => {
      if (typeof name !== 'string' || name === 'then') return undefined;
      return Object.hasOwn(target, name)
        ? target[name]
        : actionCalls(send, `${path}/actions/${encodeURIComponent(name)}`);
    },
  });
}

function actionCalls(send: Send, path: string): object {
  /** An action on one entity has its id first; one that makes an entity has none. */
  const bodyOf = (given: readonly unknown[]): { readonly body: object; readonly rest: unknown } =>
    typeof given[0] === 'string'
      ? { body: { id: given[0], input: given[1] }, rest: given[2] }
      : { body: { input: given[0] }, rest: given[1] };
  return {
    plan: (...given: readonly unknown[]) => send('POST', `${path}/plan`, bodyOf(given).body),
    run: (...given: readonly unknown[]) => {
      const { body, rest } = bodyOf(given);
      return send('POST', `${path}/run`, { key: randomUUID(), ...body, ...Object(rest) });
    },
  };
}

function sender({ url, key, signed, fetch = globalThis.fetch }: ClientOptions): Send {
  const base = url.replace(/\/+$/, '');
  return async (method, path, json) => {
    const body = json === undefined ? '' : JSON.stringify(json);
    const response = await fetch(base + path, {
      method,
      redirect: 'error',
      headers: {
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(signed === undefined ? {} : signCall({ method, path, body }, signed)),
      },
      ...(json === undefined ? {} : { body }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    throw errorOf(response.status, answer);
  };
}

function errorOf(status: number, answer: unknown): AdminError {
  const error: unknown = Object(Object(answer)['error']);
  // The contract of every error body; each part is looked at below.
  const { code, message, help, ...more } = error as {
    code?: unknown;
    message?: unknown;
    help?: unknown;
  };
  return new AdminError({
    status,
    // A code of the contract, or one of Sillok’s server.
    code: (typeof code === 'string' ? code : 'action_failed') as AdminErrorCode,
    message: typeof message === 'string' ? message : `HTTP ${status}`,
    help: typeof help === 'string' ? help : '',
    more,
  });
}
