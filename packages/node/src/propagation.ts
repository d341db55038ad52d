/**
 * How context comes in and goes out: whom we believe, under which names foreign ids are kept, which dialects the next hop
 * wants, and to which hosts our own baggage may go.
 *
 * Inward, nobody is believed by default (see `own-baggage.ts` of the context package). Outward, everybody gets the trace,
 * and only hosts that look like ours get what we know about a person.
 */
import { BlockList, isIP } from 'node:net';
import { IDEMPOTENCY_HEADERS } from './idempotency.js';
import type { Routed } from './identity/debug-route.js';
import {
  aliasHeader,
  createHeaderScan,
  DEFAULT_ALIAS_HEADERS,
  isWrittenDialect,
  TRACE_HEADERS,
  WRITTEN_DIALECTS,
  type AliasHeader,
  type ExtractOptions,
  type HeaderOptions,
  type HeaderScan,
  type TraceContext,
  type WrittenDialect,
} from '@sillok/context';

export interface ContextOptions {
  /** More headers whose id is kept as `trace.alias.<name with _>`. `SILLOK_ALIAS_HEADERS`, by comma. */
  readonly aliasHeaders?: readonly string[] | undefined;
  /**
   * Addresses whose unsigned baggage is believed: `10.0.0.0/8`, `192.168.1.7`, `loopback`. Only proxies and services that
   * do not hand on what a stranger sent. `SILLOK_TRUSTED_HOPS`, by comma. Default: none.
   */
  readonly trustedHops?: readonly string[] | undefined;
  /**
   * Hosts that get our baggage: `*.shop.example`, `orders`. `SILLOK_INSIDE_HOSTS`, by comma. Default: loopback, private
   * addresses, names without a dot, and names that end in `.local`, `.internal`, `.svc` or `.localhost`.
   */
  readonly insideHosts?: readonly string[] | undefined;
  /** Dialects for hosts that do not read `traceparent`; the first entry that fits. `[]` sends nothing. */
  readonly propagate?:
    | readonly { readonly hosts: readonly string[]; readonly dialects: readonly WrittenDialect[] }[]
    | undefined;
}

/** What is signed with keys that services share. */
export interface BaggageSeal {
  readonly sign: (text: string) => string;
  readonly verify: (text: string, signature: string) => boolean;
}

export interface Propagation {
  /** Whether a request brings anything of what is read at its beginning, as a list of names and values. */
  readonly isTold: HeaderScan;
  /** For a request from this address. */
  readonly incoming: (remoteAddress: string | undefined) => ExtractOptions;
  /** For headers that the caller vouches for: of a queue, of a job's environment. */
  readonly vouched: ExtractOptions;
  /** Checks a rule for debug routing in what came in. */
  readonly admitRoute: (trace: TraceContext) => Routed;
  /** For a call to this host; without one, to ourselves. */
  readonly outgoing: (host?: string) => HeaderOptions;
}

export interface PropagationParts {
  readonly context: ContextOptions;
  readonly seal: BaggageSeal | undefined;
  /** Default: rules are handed on unread. */
  readonly admitRoute?: ((trace: TraceContext) => Routed) | undefined;
  /** Told once about each setting that cannot be used. */
  readonly notice: (text: string) => void;
}

const INSIDE_SUFFIXES = ['.local', '.internal', '.svc', '.localhost'];

export function createPropagation({ context, seal, admitRoute, notice }: PropagationParts): Propagation {
  const aliasHeaders = [...DEFAULT_ALIAS_HEADERS, ...namesOf(context.aliasHeaders)];
  const verify = seal?.verify;
  const stranger: ExtractOptions = { aliasHeaders, verify };
  const trusted: ExtractOptions = { aliasHeaders, verify, isTrustedSender: true };
  const hops = hopsOf(context.trustedHops ?? [], notice);
  const rules = rulesOf(context.propagate ?? [], notice);
  const isOurs = insideOf(context.insideHosts);
  const names = aliasHeaders.map(({ header }) => header);
  return {
    isTold: createHeaderScan([...TRACE_HEADERS, ...IDEMPOTENCY_HEADERS, ...names]),
    incoming: (address) => (hops !== undefined && isAmong(hops, address) ? trusted : stranger),
    vouched: trusted,
    admitRoute: admitRoute ?? ((trace) => ({ trace, fields: [] })),
    outgoing: (host) => ({
      dialects: host === undefined ? undefined : rules.find(({ fits }) => fits(host))?.dialects,
      sign: seal?.sign,
      isInside: host === undefined || isOurs(host),
    }),
  };
}

/** Used outside of requests until a logger brings settings. */
let current: Propagation | undefined;

export function currentPropagation(): Propagation {
  current ??= createPropagation({ context: {}, seal: undefined, notice: () => undefined });
  return current;
}

export function setCurrentPropagation(propagation: Propagation): void {
  current = propagation;
}

export function contextOptionsOf(
  options: ContextOptions | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ContextOptions {
  const listed = (name: string): readonly string[] | undefined => {
    const items = (env[name] ?? '').split(',').map((item) => item.trim());
    const filled = items.filter((item) => item !== '');
    return filled.length === 0 ? undefined : filled;
  };
  return {
    aliasHeaders: options?.aliasHeaders ?? listed('SILLOK_ALIAS_HEADERS'),
    trustedHops: options?.trustedHops ?? listed('SILLOK_TRUSTED_HOPS'),
    insideHosts: options?.insideHosts ?? listed('SILLOK_INSIDE_HOSTS'),
    propagate: options?.propagate,
  };
}

function namesOf(headers: readonly string[] = []): AliasHeader[] {
  return headers.map(aliasHeader).filter(({ name }) => name !== '');
}

function hopsOf(texts: readonly string[], notice: (text: string) => void): BlockList | undefined {
  if (texts.length === 0) return undefined;
  const hops = new BlockList();
  for (const text of texts) {
    try {
      addHop(hops, text);
    } catch {
      notice(`trusted hop "${text}" is no address: write 10.0.0.7, 10.0.0.0/8 or loopback`);
    }
  }
  return hops;
}

function addHop(hops: BlockList, text: string): void {
  if (text === 'loopback') {
    hops.addSubnet('127.0.0.0', 8, 'ipv4');
    hops.addAddress('::1', 'ipv6');
    return;
  }
  const [address = '', bits] = text.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  if (bits === undefined) hops.addAddress(address, family);
  else hops.addSubnet(address, Number(bits), family);
}

function isAmong(hops: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const version = isIP(address);
  return version !== 0 && hops.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

interface Rule {
  readonly fits: (host: string) => boolean;
  readonly dialects: readonly WrittenDialect[];
}

function rulesOf(given: NonNullable<ContextOptions['propagate']>, notice: (text: string) => void): Rule[] {
  return given.map(({ hosts, dialects }) => {
    const known = dialects.filter(isWrittenDialect);
    for (const name of dialects) {
      if (!isWrittenDialect(name)) notice(`"${String(name)}" is none of ${WRITTEN_DIALECTS.join(', ')}`);
    }
    return { fits: hostsMatcher(hosts), dialects: known };
  });
}

function insideOf(hosts: readonly string[] | undefined): (host: string) => boolean {
  if (hosts !== undefined) return hostsMatcher(hosts);
  const own = new BlockList();
  own.addSubnet('127.0.0.0', 8);
  own.addSubnet('10.0.0.0', 8);
  own.addSubnet('172.16.0.0', 12);
  own.addSubnet('192.168.0.0', 16);
  own.addSubnet('169.254.0.0', 16);
  own.addAddress('::1', 'ipv6');
  own.addSubnet('fc00::', 7, 'ipv6');
  own.addSubnet('fe80::', 10, 'ipv6');
  return (given) => {
    const host = bareHost(given);
    if (isIP(host) !== 0) return isAmong(own, host);
    return !host.includes('.') || INSIDE_SUFFIXES.some((suffix) => host.endsWith(suffix));
  };
}

/** `*` alone fits all; `*.example` fits what is below it; anything else fits itself. */
function hostsMatcher(patterns: readonly string[]): (host: string) => boolean {
  const wanted = patterns.map((pattern) => pattern.trim().toLowerCase());
  return (given) => {
    const host = bareHost(given);
    return wanted.some((pattern) => {
      if (pattern === '*') return true;
      return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
    });
  };
}

/** Without port and brackets, lower case. */
function bareHost(host: string): string {
  const lower = host.toLowerCase();
  if (isIP(lower) !== 0) return lower;
  return lower.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
