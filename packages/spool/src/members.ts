/**
 * The form of a compressed segment: gzip members of about 1 MiB of text each, one after the other, which every
 * gzip reader (zcat, zless, the engine) takes as one file. An extra field in each member's header says how long
 * the member is and which bytes of the text it holds, so a reader inflates only what it needs, and damage in one
 * member costs that member: its text reads as zeros, which no checksum of the spool accepts.
 */
import * as zlib from 'node:zlib';
import { crc32 } from './checksum.js';
import { COMPRESS_MEMBER_BYTES, SEARCH_WINDOW_BYTES } from './limits.js';
import type { ByteSource } from './source.js';

/** gzip magic, deflate, FEXTRA, no time, unknown system, 16 bytes of extra field: `SK`, 12 bytes. */
const SIGNATURE = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 16, 0, 0x53, 0x4b, 12, 0]);
const HEADER_SIZE = SIGNATURE.length + 12;
const TRAILER_SIZE = 8;

export interface Member {
  /** Which bytes of the text. */
  readonly from: number;
  readonly to: number;
  /** Which bytes of the file. */
  readonly storedFrom: number;
  readonly storedTo: number;
}

/** `deflated` is the raw deflate stream of `text`, which begins at `from` in the segment. */
export function encodeMember(text: Buffer, deflated: Buffer, from: number): Buffer {
  const header = Buffer.alloc(HEADER_SIZE);
  SIGNATURE.copy(header);
  header.writeUInt32LE(HEADER_SIZE + deflated.length + TRAILER_SIZE, SIGNATURE.length);
  header.writeUInt32LE(from, SIGNATURE.length + 4);
  header.writeUInt32LE(text.length, SIGNATURE.length + 8);
  const trailer = Buffer.alloc(TRAILER_SIZE);
  trailer.writeUInt32LE(crc32(text), 0);
  trailer.writeUInt32LE(text.length, 4);
  return Buffer.concat([header, deflated, trailer]);
}

export function openMembers(stored: ByteSource): ByteSource {
  const members = [...walkMembers(stored)];
  const overlapping = (from: number, to: number) =>
    members.filter((member) => member.from < to && member.to > from);
  return {
    bytes: members.at(-1)?.to ?? 0,
    read: (from, to) => {
      const text = Buffer.alloc(Math.max(0, to - from));
      for (const member of overlapping(from, to)) {
        const piece = inflateMember(stored, member).subarray(Math.max(0, from - member.from));
        piece.copy(text, Math.max(0, member.from - from));
      }
      return text;
    },
    stored: (from, to) => {
      const touched = overlapping(from, to);
      return stored.read(touched[0]?.storedFrom ?? 0, touched.at(-1)?.storedTo ?? stored.bytes);
    },
  };
}

function* walkMembers(stored: ByteSource): Generator<Member> {
  let at = 0;
  let storedEnd = 0;
  let textEnd = 0;
  while (at < stored.bytes) {
    const member = readMember(stored, at);
    // Only behind a damaged member may the text have a hole.
    const isNext =
      member !== undefined && (at === storedEnd ? member.from === textEnd : member.from > textEnd);
    if (!isNext) {
      at = nextSignature(stored, at + 1);
      continue;
    }
    yield member;
    storedEnd = member.storedTo;
    at = member.storedTo;
    textEnd = member.to;
  }
}

/** Believed only if another member, or the end of the file, follows where it says that it ends. */
function readMember(stored: ByteSource, at: number): Member | undefined {
  const header = stored.read(at, at + HEADER_SIZE);
  if (header.length < HEADER_SIZE || !header.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    return undefined;
  const storedTo = at + header.readUInt32LE(SIGNATURE.length);
  const from = header.readUInt32LE(SIGNATURE.length + 4);
  const to = from + header.readUInt32LE(SIGNATURE.length + 8);
  if (to - from > COMPRESS_MEMBER_BYTES) return undefined;
  const next = stored.read(storedTo, storedTo + SIGNATURE.length);
  if (storedTo !== stored.bytes && !next.equals(SIGNATURE)) return undefined;
  return { from, to, storedFrom: at, storedTo };
}

function nextSignature(stored: ByteSource, from: number): number {
  let at = from;
  while (at < stored.bytes) {
    const found = stored.read(at, at + SEARCH_WINDOW_BYTES).indexOf(SIGNATURE);
    if (found >= 0) return at + found;
    at += SEARCH_WINDOW_BYTES - SIGNATURE.length;
  }
  return stored.bytes;
}

/** The text, or as many zeros when the member is damaged. */
function inflateMember(stored: ByteSource, member: Member): Buffer {
  const bytes = member.to - member.from;
  const body = stored.read(member.storedFrom + HEADER_SIZE, member.storedTo);
  const deflated = body.subarray(0, -TRAILER_SIZE);
  try {
    const text = zlib.inflateRawSync(deflated, { maxOutputLength: bytes });
    const isRight = text.length === bytes && crc32(text) === body.readUInt32LE(deflated.length);
    return isRight ? text : Buffer.alloc(bytes);
  } catch {
    return Buffer.alloc(bytes);
  }
}
