import type { ByteSource } from './source.js';

export function openMembers(raw: ByteSource): ByteSource {
  return raw;
}
