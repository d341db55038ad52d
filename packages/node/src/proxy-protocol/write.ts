/** The header that a client or a proxy of ours puts before its connection. */
import { once } from 'node:events';
import { connect, isIPv6, type Socket, type TcpNetConnectOpts } from 'node:net';
import { formatTraceparent } from '@sillok/context';
import { currentTrace } from '../scope.js';
import { SIGNATURE, TRACE_TLV, UNIQUE_ID_TLV, type ProxyAddress } from './header.js';

export interface ProxyHeaderParts {
  /** Default 2: version 1 has no place for a trace. */
  readonly version?: 1 | 2 | undefined;
  /** Who speaks, and to whom. Without them the header says that the sender speaks for itself. */
  readonly source?: ProxyAddress | undefined;
  readonly destination?: ProxyAddress | undefined;
  /** A `traceparent`. Default: the current place in the trace; `false`: none. */
  readonly traceparent?: string | false | undefined;
  /**
   * Also as the unique id, which HAProxy before 2.9 can hand on. Default false: nginx 1.22 resets a connection whose
   * header has more than 107 bytes, which is less than both.
   */
  readonly asUniqueId?: boolean | undefined;
}

/** The bytes of a header. */
export function proxyHeader(parts: ProxyHeaderParts): Buffer {
  return parts.version === 1 ? lineV1(parts) : headerV2(parts);
}

/**
 * Connects and says the header first. The addresses are those of the connection itself unless others are given. For HTTP:
 * `http.request({ createConnection: (options, done) => void connectWithProxyHeader(options).then((s) => done(null, s), done) })`.
 */
export async function connectWithProxyHeader(
  options: TcpNetConnectOpts,
  parts: ProxyHeaderParts = {},
): Promise<Socket> {
  // The place in the trace is that of the caller, not of the moment at which the connection stands.
  const { traceparent = currentTraceparent() } = parts;
  const socket = connect(options);
  try {
    await once(socket, 'connect');
  } catch (error) {
    socket.destroy();
    throw error;
  }
  socket.write(proxyHeader({ ...ownAddresses(socket), ...parts, traceparent }));
  return socket;
}

function ownAddresses({ localAddress, localPort, remoteAddress, remotePort }: Socket): ProxyHeaderParts {
  const isWhole = localAddress !== undefined && remoteAddress !== undefined;
  if (!isWhole || localPort === undefined || remotePort === undefined) return {};
  return {
    source: { address: localAddress, port: localPort },
    destination: { address: remoteAddress, port: remotePort },
  };
}

function addressBytes(source: ProxyAddress, destination: ProxyAddress): Buffer {
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(source.port, 0);
  ports.writeUInt16BE(destination.port, 2);
  return Buffer.concat([bytesOf(source.address), bytesOf(destination.address), ports]);
}

function bytesOf(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  // The four numbers that may stand at the end of an address are its last two groups.
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...numbers: string[]) => {
    const [a, b, c, d] = numbers.slice(0, 4).map(Number);
    return `${((a ?? 0) * 256 + (b ?? 0)).toString(16)}:${((c ?? 0) * 256 + (d ?? 0)).toString(16)}`;
  });
  const [left = '', right] = plain.split('::');
  const head = left === '' ? [] : left.split(':');
  const tail = right === undefined || right === '' ? [] : right.split(':');
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function lineV1({ source, destination }: ProxyHeaderParts): Buffer {
  if (source === undefined || destination === undefined) return Buffer.from('PROXY UNKNOWN\r\n');
  const family = isIPv6(source.address) ? 'TCP6' : 'TCP4';
  const words = [source.address, destination.address, source.port, destination.port];
  return Buffer.from(`PROXY ${family} ${words.join(' ')}\r\n`);
}

function headerV2(parts: ProxyHeaderParts): Buffer {
  const { source, destination, traceparent = currentTraceparent(), asUniqueId = false } = parts;
  const isKnown = source !== undefined && destination !== undefined;
  const addresses = isKnown ? addressBytes(source, destination) : Buffer.alloc(0);
  const family = !isKnown ? 0 : isIPv6(source.address) ? 0x21 : 0x11;
  const tlvs: Buffer[] = [];
  if (typeof traceparent === 'string') {
    tlvs.push(tlv(TRACE_TLV, traceparent));
    if (asUniqueId) tlvs.push(tlv(UNIQUE_ID_TLV, traceparent));
  }
  const body = Buffer.concat([addresses, ...tlvs]);
  const head = Buffer.from([isKnown ? 0x21 : 0x20, family, body.length >> 8, body.length & 0xff]);
  return Buffer.concat([SIGNATURE, head, body]);
}

function currentTraceparent(): string | false {
  const trace = currentTrace();
  return trace === undefined ? false : formatTraceparent({ ...trace, parentId: trace.spanId });
}

function tlv(type: number, text: string): Buffer {
  const value = Buffer.from(text, 'latin1');
  return Buffer.concat([Buffer.from([type, value.length >> 8, value.length & 0xff]), value]);
}
