/**
 * One request of any framework: its context, its slot among the open requests, and its one `access` record.
 *
 * Frameworks differ in how they call and what they know; they hand in a description at the start and the outcome at
 * the end. `end` may be called from several places (a finished response, a closed socket, a thrown error) and counts once.
 */
import {
  beginTrace,
  extractTraceContext,
  formatTraceparent,
  supportCodeOf,
  type TraceContext,
} from '@sillok/context';
import { hashedIdempotencyKey } from '../idempotency.js';
import type { RouteField, Routed } from '../identity/debug-route.js';
import type { Identity } from '../identity/identity.js';
import { newPlace, nodeIds } from '../id-source.js';
import type { Logger } from '../logger.js';
import { claimOtelSpan } from '../otel/claims.js';
import { ownAttributes } from '../otel/server-span.js';
import { otelServerSpan, type OtelServerSpan } from '../otel.js';
import type { Propagation } from '../propagation.js';
import type { Runtime } from '../runtime.js';
import { Scope } from '../scope.js';
import { aliasEntries, withOverruled } from '../carried.js';
import { EMPTY_FRAGMENT, type Fragment } from '../fragment.js';
import { getLogger } from '../sillok.js';

export interface HttpOptions {
  /** Default: the first logger of the process. */
  readonly log?: Logger | undefined;
  /** Take the client's address from `X-Forwarded-For` (its last entry that is not ours is what a proxy saw). */
  readonly trustProxy?: boolean | undefined;
  /** Requests that get a context but no access record: health checks. */
  readonly ignore?: ((path: string) => boolean) | undefined;
  /** Return the trace id in `traceresponse` and `x-trace-id`. Default true. */
  readonly responseHeaders?: boolean | undefined;
  /** Return a short code for error pages in `x-support-code`. Default false; `supportCode()` gives it, too. */
  readonly supportCode?: boolean | undefined;
}

export interface RequestStart {
  readonly method: string;
  /** As in the request line, query included. */
  readonly url: string;
  /** Names and values in turn, where they are at hand: a look at them tells that nothing else need be asked for. */
  readonly rawHeaders?: readonly string[] | undefined;
  readonly remoteAddress: string | undefined;
  header(name: string): string | undefined;
}

export interface RequestEnd {
  readonly status: number;
  /** The pattern that matched: `/orders/:id`. */
  readonly route?: string | undefined;
  /** The client was gone before the response was whole. */
  readonly isAborted?: boolean | undefined;
  readonly error?: unknown;
}

/** What is written when the client went away before there was a status; nginx's number for it. */
export const STATUS_CLIENT_GONE = 499;

const USER_AGENT = 'user-agent';
const NO_ROUTE: readonly RouteField[] = [];

/** From here on a customer may be looking at an error page. */
const STATUS_FAILED = 400;

export class HttpRequest {
  readonly scope: Scope;
  readonly #trace: TraceContext;
  readonly #runtime: Runtime;
  readonly #start: RequestStart;
  readonly #options: HttpOptions;
  readonly #path: string;
  readonly #startedMs = performance.now();
  readonly #slot: number;
  /** The trace that begins here, as it stands in a header. */
  readonly #begun: string | undefined;
  readonly #server: OtelServerSpan | undefined;
  readonly #route: readonly RouteField[];
  #log: Logger | undefined;
  #hasEnded = false;

  constructor(start: RequestStart, options: HttpOptions) {
    const log = options.log ?? getLogger();
    this.#runtime = log.runtime;
    this.#start = start;
    this.#options = options;
    this.#server = otelServerSpan();
    const { propagation, identity, writer, requests } = log.runtime;
    const { rawHeaders } = start;
    const isTold = this.#server !== undefined || rawHeaders === undefined || propagation.isTold(rawHeaders);
    const routed = isTold ? this.#readContext(propagation) : undefined;
    const begun = routed === undefined ? newPlace() : undefined;
    this.#begun = begun?.text;
    this.#trace = routed?.trace ?? beginTrace(begun?.traceId ?? '', begun?.spanId ?? '');
    this.#route = routed?.fields ?? NO_ROUTE;
    this.scope = new Scope(this.#trace);
    if (isTold) this.#noteIdempotencyKey();
    // What a service further out has found out is not asked again here.
    if (identity.readsRequests && this.#trace.userHash === undefined) this.#identify(identity);
    this.#path = writer.encoder.cleanText(pathOf(start.url));
    this.#slot = requests.open(this.#trace, start.method, this.#path);
  }

  #readContext(propagation: Propagation): Routed {
    const server = this.#server;
    // Our access record is the server span; a processor of ours must not write it a second time.
    if (server !== undefined) claimOtelSpan(server.context);
    return propagation.admitRoute(traceOf(this.#start, propagation, server));
  }

  #noteIdempotencyKey(): void {
    const key = hashedIdempotencyKey((name) => this.#start.header(name));
    if (key !== undefined) this.scope.set({ 'request.idempotency_key': key });
  }

  #identify(identity: Identity): void {
    const found = identity.fromRequest((name) => this.#start.header(name));
    if (found.sessionHash !== undefined || found.userHash !== undefined) this.scope.learn(found);
  }

  get traceId(): string {
    return this.#trace.traceId;
  }

  get hasSupportCode(): boolean {
    return this.#options.supportCode === true;
  }

  /** For the header `x-support-code`: from now on the code stands on the access record, too. */
  showSupportCode(): string {
    this.scope.isCodeShown = true;
    return supportCodeOf(this.#trace.traceId);
  }

  get isTest(): boolean {
    return this.#runtime.settings.isTest;
  }

  /** Stands for everything recorded so far. */
  get token(): string {
    return this.#runtime.token;
  }

  /** Value of the `traceresponse` header. */
  get traceResponse(): string {
    if (this.#begun !== undefined) return this.#begun;
    const { traceId, spanId, sampled, random } = this.#trace;
    return formatTraceparent({ traceId, parentId: spanId, sampled, random });
  }

  get hasResponseHeaders(): boolean {
    return this.#options.responseHeaders !== false;
  }

  /** A logger bound to this request, wherever it is called from. */
  get log(): Logger {
    this.#log ??= (this.#options.log ?? getLogger()).inScope(this.scope);
    return this.#log;
  }

  end(outcome: RequestEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const durationMs = Math.round((performance.now() - this.#startedMs) * 1000) / 1000;
    this.#runtime.requests.close(this.#slot);
    if (this.#options.ignore?.(this.#path) === true) return;
    const own = this.#server === undefined ? undefined : ownAttributes(this.#server.span);
    if (own !== undefined) this.scope.set(own);
    this.#runtime.writer.writeAccess({
      scope: this.scope,
      durationMs,
      method: this.#start.method,
      route: outcome.route,
      status: outcome.status,
      path: this.#path,
      clientAddress: this.#clientAddress(),
      userAgent: this.#userAgent(),
      isAborted: outcome.isAborted === true,
      error: outcome.error,
      extras: this.#extras(outcome.status),
    });
  }

  /** What belongs on the access record alone: the other ids by which somebody may ask for this request. */
  #extras(status: number): Fragment {
    const { aliases } = this.#trace;
    const hasCode = status >= STATUS_FAILED || this.scope.isCodeShown;
    if (aliases === undefined && !hasCode && this.#route.length === 0) return EMPTY_FRAGMENT;
    const { encoder } = this.#runtime.writer;
    const entries = aliasEntries(aliases ?? [], (text) => encoder.cleanText(text));
    entries.push(...this.#route);
    if (hasCode) entries.push(['support_code', supportCodeOf(this.#trace.traceId)]);
    return encoder.exactFragment(entries);
  }

  #clientAddress(): string | undefined {
    const { remoteAddress } = this.#start;
    if (this.#options.trustProxy !== true) return remoteAddress;
    const told = this.#start.header('x-forwarded-for')?.split(',').at(-1)?.trim();
    // Whoever is in front of the proxy may have written anything there.
    return told === undefined ? remoteAddress : this.#runtime.writer.encoder.cleanText(told);
  }

  #userAgent(): string | undefined {
    const { rawHeaders } = this.#start;
    if (rawHeaders === undefined) return this.#start.header(USER_AGENT);
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const name = rawHeaders[index] ?? '';
      if (name.length === USER_AGENT.length && name.toLowerCase() === USER_AGENT)
        return rawHeaders[index + 1];
    }
    return undefined;
  }
}

/** Inside OpenTelemetry's server span the record belongs to that span; otherwise the headers say. */
function traceOf(
  start: RequestStart,
  propagation: Propagation,
  server: OtelServerSpan | undefined,
): TraceContext {
  const header = (name: string): string | undefined => start.header(name);
  const trace = extractTraceContext(header, nodeIds, propagation.incoming(start.remoteAddress));
  if (server === undefined) return trace;
  const { traceId, spanId, traceFlags } = server.context;
  const place = { traceId, spanId, sampled: (traceFlags & 1) === 1 };
  const isContinued = trace.parentSpanId !== undefined && trace.traceId !== traceId;
  return { ...trace, ...place, ...(isContinued ? { aliases: withOverruled(trace) } : {}) };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
