/**
 * Which hosts hear of our trace. Context names people and customers, so by default only hosts that are ours by their address or
 * name get it; a payment provider gets nothing.
 */
import { isIPv4, isIPv6 } from 'node:net';

export interface HostOptions {
  /** Hosts that are ours besides those that look so: `api.example.com`, `*.example.com`, or a pattern. */
  readonly internalHosts?: readonly (string | RegExp)[] | undefined;
  /** What all others get. `traceparent` is an id of random digits; baggage never goes to them. Default `nothing`. */
  readonly foreignHosts?: 'nothing' | 'traceparent' | undefined;
}

export type Propagation = 'all' | 'traceparent' | 'nothing';

const INTERNAL_NAME = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home\.arpa|svc|cluster\.local)$/;
/** Loopback, private, link-local, carrier-grade NAT. */
const INTERNAL_V4 =
  /^(?:127|10|192\.168|169\.254|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const INTERNAL_V6 = /^(?:::1$|f[cd]|fe[89ab])/;

export function createHostPolicy(options: HostOptions): (host: string) => Propagation {
  const patterns = (options.internalHosts ?? []).map(toTest);
  const foreign = options.foreignHosts ?? 'nothing';
  return (host) => {
    const name = host.toLowerCase();
    return isInternalHost(name) || patterns.some((matches) => matches(name)) ? 'all' : foreign;
  };
}

/** `orders`, `10.0.3.7`, `orders.shop.svc.cluster.local`: names without a dot are those of a container network. */
export function isInternalHost(host: string): boolean {
  const name = host.startsWith('[') ? host.slice(1, -1) : host;
  if (isIPv4(name)) return INTERNAL_V4.test(name);
  if (isIPv6(name)) {
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(name)?.[1];
    return mapped === undefined ? INTERNAL_V6.test(name) : INTERNAL_V4.test(mapped);
  }
  return name !== '' && (!name.includes('.') || INTERNAL_NAME.test(name));
}

function toTest(pattern: string | RegExp): (host: string) => boolean {
  if (typeof pattern !== 'string') return (host) => host.search(pattern) >= 0;
  const name = pattern.toLowerCase();
  if (!name.startsWith('*.')) return (host) => host === name;
  // The dot stays: `*.example.com` must not take notexample.com.
  return (host) => host.endsWith(name.slice(1));
}
