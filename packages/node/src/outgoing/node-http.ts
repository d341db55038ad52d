/**
 * `node:http` and `node:https`, and with them everything that stands on them: axios, got, node-fetch, the AWS SDK.
 *
 * Node 20 has no channel on which a request could still be changed, so `request` and `get` of both modules are replaced, also
 * for those who import them by name. Nothing listens on the request itself: a listener more would change what happens to an
 * error or an answer that nobody else listens for.
 */
import http from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { addPlainly } from '../scope.js';
import { openCall, type CallSettings, type ClientCall } from './client-call.js';

type Request = typeof http.request;

/** Returns what ends it. */
export function watchNodeHttp(settings: CallSettings): () => void {
  const releases = [replace(http, false, settings), replace(https, true, settings)];
  syncBuiltinESMExports();
  return () => {
    for (const release of releases) release();
    syncBuiltinESMExports();
  };
}

function replace(
  module: { request: Request; get: Request },
  isSecure: boolean,
  settings: CallSettings,
): () => void {
  const { request, get } = module;
  const ours = function (this: unknown, ...values: unknown[]): http.ClientRequest {
    const made: http.ClientRequest = Reflect.apply(request, this, values);
    watch(made, isSecure, settings);
    return made;
  };
  const oursGet = (...values: unknown[]): http.ClientRequest => {
    const made = Reflect.apply(module.request, module, values);
    made.end();
    return made;
  };
  module.request = ours as Request; // takes and gives what the original does
  module.get = oursGet as Request; // likewise
  return () => {
    // Whoever wrapped ours since then keeps it.
    if (module.request === ours) module.request = request;
    if (module.get === oursGet) module.get = get;
  };
}

function watch(request: http.ClientRequest, isSecure: boolean, settings: CallSettings): void {
  const { host, port } = targetOf(request, isSecure);
  const call = openCall(
    {
      method: request.method,
      isSecure,
      host,
      port,
      path: request.path,
      header: (name) => headerOf(request, name),
    },
    settings,
  );
  if (call === undefined) return;
  // Headers that were given as a list are on their way already.
  if (!request.headersSent) {
    for (const [name, value] of Object.entries(call.headers)) request.setHeader(name, value);
  }
  observe(request, call);
}

function observe(request: http.ClientRequest, call: ClientCall): void {
  const { emit } = request;
  let isTimedOut = false;
  let hasAnswer = false;
  request.emit = (event: string | symbol, ...values: unknown[]): boolean => {
    const [value] = values;
    if (event === 'timeout') isTimedOut = true;
    if ((event === 'response' || event === 'upgrade' || event === 'connect') && isAnswer(value)) {
      hasAnswer = true;
      call.response(value.statusCode ?? 0);
      if (event === 'response') endWith(value, call);
      else call.end();
    }
    if (event === 'error' && isTimedOut) call.abort('timeout');
    else if (event === 'error') call.fail(value);
    // Without an answer and without an error the request was destroyed.
    if (event === 'close' && !hasAnswer) call.abort(isTimedOut ? 'timeout' : 'aborted');
    return Reflect.apply(emit, request, [event, ...values]) === true;
  };
}

function endWith(response: http.IncomingMessage, call: ClientCall): void {
  addPlainly(response, 'error', (error) => call.fail(error));
  addPlainly(response, 'close', () => {
    if (response.complete) call.end();
    else call.abort('aborted');
  });
}

function isAnswer(value: unknown): value is http.IncomingMessage {
  return value instanceof http.IncomingMessage;
}

function headerOf(request: http.ClientRequest, name: string): string | undefined {
  const value = request.getHeader(name);
  return value === undefined ? undefined : String(value);
}

/** The `Host` header says where the caller wants to go, also through a proxy. */
function targetOf(request: http.ClientRequest, isSecure: boolean): { host: string; port: number } {
  const named = headerOf(request, 'host') ?? request.host;
  const url = `${isSecure ? 'https' : 'http'}://${named}`;
  const { hostname, port } = URL.canParse(url) ? new URL(url) : { hostname: request.host, port: '' };
  return { host: hostname, port: port === '' ? (isSecure ? 443 : 80) : Number(port) };
}
