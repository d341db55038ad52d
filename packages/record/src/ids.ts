/**
 * Random names: boots, traces, spans and producers. Random bytes are drawn in blocks, because a request for
 * sixteen bytes costs forty times as much as taking them from a block.
 */
import { NAME_BYTES_MAX, RANDOM_POOL_BYTES } from './limits.js';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const pool = new Uint8Array(RANDOM_POOL_BYTES);
let used = RANDOM_POOL_BYTES;

function randomHex(bytes: number): string {
  if (used + bytes > RANDOM_POOL_BYTES) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  let text = '';
  for (let index = used; index < used + bytes; index += 1) text += HEX[pool[index] ?? 0];
  used += bytes;
  return text;
}

/** W3C forbids the id of zeros; so does the chance of 2^-64, but only almost. */
function nonZeroHex(bytes: number): string {
  let text = randomHex(bytes);
  while (/^0+$/.test(text)) text = randomHex(bytes);
  return text;
}

/** 32 hex digits. */
export function newTraceId(): string {
  return nonZeroHex(16);
}

/** 16 hex digits. */
export function newSpanId(): string {
  return nonZeroHex(8);
}

/** A UUID of version 7: boots sort by when they began. */
export function newBoot(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = randomHex(10);
  // Index 12 to 15 is '8'…'b': the two variant bits 10 and two random ones.
  const variant = '89ab'[parseInt(random.slice(3, 4), 16) & 3] ?? '8';
  const groups = [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${random.slice(0, 3)}`,
    variant + random.slice(4, 7),
  ];
  return `${groups.join('-')}-${random.slice(7, 19)}`;
}

/** `orders-7f3a9c01`: readable, safe as a folder name, and distinct for each instance of a service. */
export function newProducer(serviceName: string): string {
  const suffix = randomHex(4);
  const readable = serviceName.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `${readable.slice(0, NAME_BYTES_MAX - suffix.length - 1) || 'service'}-${suffix}`;
}
