/**
 * Signed notes as C2SP specifies them (c2sp.org/signed-note): a text, an empty line, and a line per signature.
 *
 *     text…
 *
 *     — NAME BASE64(4 bytes of key id, signature)
 *
 * Two kinds of Ed25519 signatures are known: of the log itself (type 1) and timestamped cosignatures of witnesses (type 4,
 * c2sp.org/tlog-cosignature). Signatures by keys that the reader does not know are passed over, as the specification asks.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ProofError } from './errors.js';
import {
  ED25519_BYTES,
  ID_BYTES,
  KEY_NAME_CHARACTERS_MAX,
  NOTE_BYTES_MAX,
  SIGNATURES_MAX,
  TIME_BYTES,
} from './limits.js';

export type SignatureType = 'log' | 'cosignature';

/** Signs. Its secret text is what stands in a key file. */
export interface NoteSigner {
  readonly name: string;
  readonly type: SignatureType;
  readonly key: KeyObject;
  /** What readers need in order to check: `NAME+ID+BASE64`. Not secret. */
  readonly verifier: string;
}

/** Checks signatures of one key. */
export interface NoteVerifier {
  readonly name: string;
  readonly type: SignatureType;
  readonly id: Buffer;
  readonly key: KeyObject;
}

export interface GoodSignature {
  readonly verifier: NoteVerifier;
  /** When a witness saw it, seconds since 1970; absent for the log's own signature. */
  readonly time?: number;
}

export type OpenedNote =
  | { readonly ok: true; readonly text: string; readonly signatures: readonly GoodSignature[] }
  | { readonly ok: false; readonly reason: string };

const TYPE_BYTES: Readonly<Record<SignatureType, number>> = { log: 0x01, cosignature: 0x04 };
const SECRET_PREFIX = 'PRIVATE+KEY';
const DASH = '\u2014 ';

export function newSigner(name: string, type: SignatureType = 'log'): NoteSigner {
  // As bytes, and read again. In Node 20 a key that has come from a generator stands still for ever when it is written down while
  // the generator's job is collected as garbage: the job's end waits for a lock that its own thread holds.
  const { privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { format: 'der', type: 'spki' },
    privateKeyEncoding: { format: 'der', type: 'pkcs8' },
  });
  return signerOf(name, type, createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' }));
}

/** One line to keep in a file of mode 600. */
export function signerToText({ name, type, key }: NoteSigner): string {
  const { d } = key.export({ format: 'jwk' });
  const seed = Buffer.from(String(d), 'base64url');
  const body = Buffer.concat([Buffer.from([TYPE_BYTES[type]]), seed]).toString('base64');
  return `${SECRET_PREFIX}+${name}+${idOf(name, type, createPublicKey(key)).toString('hex')}+${body}\n`;
}

export function signerFromText(text: string): NoteSigner {
  const [first, second, name = '', id, ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  const type = typeOf(bytes[0]);
  if (`${first}+${second}` !== SECRET_PREFIX || type === undefined || bytes.length !== 33) throw notAKey();
  const key = privateKeyOf(bytes.subarray(1));
  if (idOf(name, type, createPublicKey(key)).toString('hex') !== id) throw notAKey();
  return signerOf(name, type, key);
}

/** Undefined when the text is no verifier key. */
export function tryVerifier(text: string): NoteVerifier | undefined {
  const [name = '', id = '', ...rest] = text.trim().split('+');
  const bytes = Buffer.from(rest.join('+'), 'base64');
  const type = typeOf(bytes[0]);
  if (type === undefined || bytes.length !== 33 || !isName(name)) return undefined;
  const key = publicKeyOf(bytes.subarray(1));
  if (key === undefined || idOf(name, type, key).toString('hex') !== id) return undefined;
  return { name, type, id: Buffer.from(id, 'hex'), key };
}

/** `text` ends in a newline. */
export function signNote(text: string, ...signers: readonly NoteSigner[]): string {
  return `${text}\n${signers.map((signer) => signatureLine(text, signer)).join('')}`;
}

/**
 * A file of notes, taken apart: a note is text, an empty line, signature lines, and in a file an empty line between notes. What
 * is no note comes out as a piece of its own, so that it can be told about.
 */
export function splitNotes(text: string): string[] {
  const blocks = text.split(/\n\n+/).filter((block) => block.trim() !== '');
  const notes: string[] = [];
  for (const block of blocks) {
    const last = notes.at(-1);
    if (block.startsWith(DASH) && last !== undefined)
      notes[notes.length - 1] = `${last}\n\n${block.trimEnd()}\n`;
    else notes.push(block);
  }
  return notes;
}

/** A witness's word that it saw this text at `time` (seconds since 1970), to be added to the note. */
export function cosignNote(note: string, signer: NoteSigner, time: number): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  return `${note}${signatureLine(text, signer, time)}`;
}

/** The text and who of `known` signed it. Not ok when a known key's signature is wrong or none of them signed. */
export function openNote(note: string, known: readonly NoteVerifier[]): OpenedNote {
  if (Buffer.byteLength(note) > NOTE_BYTES_MAX) return { ok: false, reason: 'the note is too large' };
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n')) return { ok: false, reason: 'this is not a signed note' };
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) return { ok: false, reason: 'the note has too many signatures' };
  const signatures: GoodSignature[] = [];
  for (const line of lines) {
    const read = readSignature(line);
    if (read === undefined) return { ok: false, reason: `this is not a signature: ${line.slice(0, 80)}` };
    const verifier = known.find(({ name, id }) => name === read.name && id.equals(read.id));
    if (verifier === undefined) continue;
    const good = check(text, verifier, read.signature);
    if (good === undefined) return { ok: false, reason: `the signature of ${read.name} is wrong` };
    signatures.push(good);
  }
  if (signatures.length === 0) return { ok: false, reason: 'no known key has signed it' };
  return { ok: true, text, signatures };
}

function signatureLine(text: string, signer: NoteSigner, time?: number): string {
  const { name, type, key } = signer;
  const id = idOf(name, type, createPublicKey(key));
  const stamp = Buffer.alloc(type === 'cosignature' ? TIME_BYTES : 0);
  if (type === 'cosignature') stamp.writeBigUInt64BE(BigInt(time ?? 0));
  const signature = sign(null, signedBytes(text, type, time ?? 0), key);
  return `${DASH}${name} ${Buffer.concat([id, stamp, signature]).toString('base64')}\n`;
}

function signedBytes(text: string, type: SignatureType, time: number): Buffer {
  return Buffer.from(type === 'log' ? text : `cosignature/v1\ntime ${time}\n${text}`);
}

interface ReadSignature {
  readonly name: string;
  readonly id: Buffer;
  readonly signature: Buffer;
}

function readSignature(line: string): ReadSignature | undefined {
  const found = /^\u2014 (\S+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const bytes = Buffer.from(found?.[2] ?? '', 'base64');
  // Only the one canonical spelling: otherwise the last character could be changed without being noticed.
  if (found === null || bytes.length <= ID_BYTES || bytes.toString('base64') !== found[2]) return undefined;
  return { name: found[1] ?? '', id: bytes.subarray(0, ID_BYTES), signature: bytes.subarray(ID_BYTES) };
}

function check(text: string, verifier: NoteVerifier, bytes: Buffer): GoodSignature | undefined {
  if (verifier.type === 'log') {
    const isGood = bytes.length === ED25519_BYTES && verify(null, Buffer.from(text), verifier.key, bytes);
    return isGood ? { verifier } : undefined;
  }
  if (bytes.length !== TIME_BYTES + ED25519_BYTES) return undefined;
  const time = Number(bytes.readBigUInt64BE(0));
  const signed = signedBytes(text, 'cosignature', time);
  return verify(null, signed, verifier.key, bytes.subarray(TIME_BYTES)) ? { verifier, time } : undefined;
}

function signerOf(name: string, type: SignatureType, key: KeyObject): NoteSigner {
  if (!isName(name)) {
    throw new ProofError(
      `"${name.slice(0, 80)}" cannot be the name of a key`,
      'Use a name without spaces and without "+", such as sillok.example.com/audit.',
    );
  }
  const publicKey = createPublicKey(key);
  const body = Buffer.concat([Buffer.from([TYPE_BYTES[type]]), rawPublicKey(publicKey)]).toString('base64');
  const verifier = `${name}+${idOf(name, type, publicKey).toString('hex')}+${body}`;
  return { name, type, key, verifier };
}

function isName(name: string): boolean {
  return name !== '' && name.length <= KEY_NAME_CHARACTERS_MAX && !/[\s+]/u.test(name);
}

function idOf(name: string, type: SignatureType, key: KeyObject): Buffer {
  const digest = createHash('sha256')
    .update(`${name}\n`)
    .update(Buffer.from([TYPE_BYTES[type]]))
    .update(rawPublicKey(key))
    .digest();
  return digest.subarray(0, ID_BYTES);
}

function rawPublicKey(key: KeyObject): Buffer {
  return Buffer.from(String(key.export({ format: 'jwk' }).x), 'base64url');
}

function typeOf(byte: number | undefined): SignatureType | undefined {
  if (byte === TYPE_BYTES.log) return 'log';
  return byte === TYPE_BYTES.cosignature ? 'cosignature' : undefined;
}

function publicKeyOf(raw: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
      format: 'jwk',
    });
  } catch {
    return undefined;
  }
}

/** PKCS #8 around the 32 bytes of the seed (RFC 8410). */
function privateKeyOf(seed: Buffer): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' });
}

function notAKey(): ProofError {
  return new ProofError(
    'This is not a signing key',
    'A key file has one line, PRIVATE+KEY+NAME+ID+BASE64. Nothing was signed.',
  );
}
