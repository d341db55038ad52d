/**
 * The PROXY protocol's header, versions 1 and 2, as bytes come in: whole, not yet whole, or refused. Nothing is guessed:
 * behind a header that is wrong by one bit may stand somebody's request, and reading on would let a client speak for another.
 *
 * A header is decided by as few bytes as possible, so that what is none is refused at its first wrong byte.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { parseTraceparent, type TraceParent } from '@sillok/context';
import { PROXY_HEADER_BYTES_MAX } from '../limits.js';

export interface ProxyAddress {
  readonly address: string;
  readonly port: number;
}

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** `local`: the proxy speaks for itself (a health check); then there are no addresses. */
  readonly command: 'proxy' | 'local';
  /** Who connected to the proxy, and where. Absent for `local`, `UNKNOWN` and unix sockets. */
  readonly source?: ProxyAddress | undefined;
  readonly destination?: ProxyAddress | undefined;
  /** From our TLV, or from the unique id when that holds a traceparent. */
  readonly trace?: TraceParent | undefined;
  readonly uniqueId?: string | undefined;
  /** By type. The last of each. */
  readonly tlvs: ReadonlyMap<number, Buffer>;
}

export type ProxyReading =
  | { readonly state: 'more' }
  | { readonly state: 'refused'; readonly reason: string }
  /** `bytes`: where the connection's own data begins. */
  | { readonly state: 'whole'; readonly header: ProxyHeader; readonly bytes: number };

export const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
/** In the range that the specification leaves to applications. The value is the text of a `traceparent` header. */
export const TRACE_TLV = 0xe1;
export const UNIQUE_ID_TLV = 0x05;
const CRC_TLV = 0x03;
const V1 = Buffer.from('PROXY ');
/** The specification's own: the longest line of version 1, with its end. */
const V1_LINE_BYTES = 107;
const V2_HEAD_BYTES = 16;
const MORE: ProxyReading = { state: 'more' };

export function readProxyHeader(bytes: Buffer): ProxyReading {
  if (startsLike(bytes, V1)) return readV1(bytes);
  if (startsLike(bytes, SIGNATURE)) return readV2(bytes);
  return refused('the connection does not begin with a PROXY protocol header');
}

function startsLike(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.subarray(0, length).equals(mark.subarray(0, length));
}

function refused(reason: string): ProxyReading {
  return { state: 'refused', reason };
}

function readV1(bytes: Buffer): ProxyReading {
  const end = bytes.subarray(0, V1_LINE_BYTES).indexOf('\r\n');
  if (end < 0) {
    return bytes.length < V1_LINE_BYTES
      ? MORE
      : refused('the line of version 1 does not end within 107 bytes');
  }
  const line = bytes.toString('latin1', V1.length, end);
  const tlvs = new Map<number, Buffer>();
  const length = end + 2;
  if (/^UNKNOWN(?: [\x21-\x7e ]*)?$/.test(line)) {
    return { state: 'whole', header: { version: 1, command: 'proxy', tlvs }, bytes: length };
  }
  const [family, from = '', to = '', fromPort = '', toPort = '', ...rest] = line.split(' ');
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isIPv6 : undefined;
  if (isAddress === undefined) return refused('the line of version 1 names no TCP4, TCP6 or UNKNOWN');
  const source = addressOf(from, fromPort);
  const destination = addressOf(to, toPort);
  const isWhole = rest.length === 0 && source !== undefined && destination !== undefined;
  if (!isWhole || !isAddress(from) || !isAddress(to)) {
    return refused('the line of version 1 holds no two addresses and ports');
  }
  const header: ProxyHeader = { version: 1, command: 'proxy', source, destination, tlvs };
  return { state: 'whole', header, bytes: length };
}

function addressOf(address: string, port: string): ProxyAddress | undefined {
  const isPort = /^(?:0|[1-9]\d{0,4})$/.test(port) && Number(port) <= 0xffff;
  return isPort ? { address, port: Number(port) } : undefined;
}

const STREAM_4 = 0x11;
const STREAM_6 = 0x21;
/** Bytes of the addresses by family; nothing is read of those of unix sockets. */
const ADDRESS_BYTES: readonly number[] = [0, 12, 36, 216];

function readV2(bytes: Buffer): ProxyReading {
  const how = bytes[12];
  if (how === undefined) return MORE;
  if (how !== 0x20 && how !== 0x21)
    return refused('the header is of no known version or command of version 2');
  const family = bytes[13];
  if (family === undefined) return MORE;
  if (family >> 4 > 3 || (family & 0xf) > 2) return refused('the header names no known family and protocol');
  if (bytes.length < V2_HEAD_BYTES) return MORE;
  const length = bytes.readUInt16BE(14);
  const end = V2_HEAD_BYTES + length;
  if (end > PROXY_HEADER_BYTES_MAX) {
    return refused(`the header has ${end} bytes, more than ${PROXY_HEADER_BYTES_MAX}`);
  }
  const addressBytes = ADDRESS_BYTES[family >> 4] ?? 0;
  const isLocal = how === 0x20;
  if (!isLocal && length < addressBytes) return refused('the header is shorter than its addresses');
  if (bytes.length < end) return MORE;
  const whole = bytes.subarray(0, end);
  // The receiver must ignore what a health check says of addresses, whatever its length.
  const start = V2_HEAD_BYTES + Math.min(addressBytes, length);
  const tlvs = readTlvs(whole.subarray(start));
  if (tlvs === undefined) return refused('a value in the header is longer than what is there');
  if (!hasGoodChecksum(whole, tlvs)) return refused('the checksum of the header is not that of its bytes');
  const known = { version: 2 as const, tlvs, ...traceOf(tlvs) };
  const header: ProxyHeader = isLocal
    ? { ...known, command: 'local' }
    : { ...known, command: 'proxy', ...addressesOf(whole, family) };
  return { state: 'whole', header, bytes: end };
}

function addressesOf(whole: Buffer, family: number): Pick<ProxyHeader, 'source' | 'destination'> {
  if (family !== STREAM_4 && family !== STREAM_6) return {};
  const size = family === STREAM_4 ? 4 : 16;
  const text = (offset: number): string => addressText(whole.subarray(offset, offset + size));
  const ports = V2_HEAD_BYTES + size * 2;
  return {
    source: { address: text(V2_HEAD_BYTES), port: whole.readUInt16BE(ports) },
    destination: { address: text(V2_HEAD_BYTES + size), port: whole.readUInt16BE(ports + 2) },
  };
}

/** As Node writes addresses of sockets: IPv6 in its short form. */
function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function readTlvs(bytes: Buffer): Map<number, Buffer> | undefined {
  const tlvs = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 3) return undefined;
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) return undefined;
    tlvs.set(bytes.readUInt8(at), bytes.subarray(at + 3, end));
    at = end;
  }
  return tlvs;
}

function traceOf(tlvs: ReadonlyMap<number, Buffer>): Pick<ProxyHeader, 'trace' | 'uniqueId'> {
  const own = tlvs.get(TRACE_TLV)?.toString('latin1');
  const uniqueId = tlvs.get(UNIQUE_ID_TLV)?.toString('latin1');
  const trace = parseTraceparent(own ?? '') ?? parseTraceparent(uniqueId ?? '');
  return {
    ...(trace === undefined ? {} : { trace }),
    ...(uniqueId === undefined ? {} : { uniqueId }),
  };
}

/** CRC-32C over the header with the checksum's own bytes as zeros, where the sender has put one. */
function hasGoodChecksum(whole: Buffer, tlvs: ReadonlyMap<number, Buffer>): boolean {
  const given = tlvs.get(CRC_TLV);
  if (given === undefined) return true;
  if (given.length !== 4) return false;
  const zeroed = Buffer.from(whole);
  const offset = given.byteOffset - whole.byteOffset;
  zeroed.fill(0, offset, offset + 4);
  return crc32c(zeroed) === given.readUInt32BE(0);
}

const POLYNOMIAL = 0x82f63b78;

function crc32c(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
  }
  return (sum ^ 0xffffffff) >>> 0;
}
