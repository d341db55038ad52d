export { formatCheckpoint, tryCheckpoint, type Checkpoint } from './checkpoint.js';
export { ProofError } from './errors.js';
export { Frontier, type NodeListener } from './frontier.js';
export { EMPTY_ROOT, hashToBase64, leafHash, nodeHash, tryHashFromBase64, type Hash } from './hash.js';
export { followKeyChanges, isKeyChange, signKeyChange, trustedKeys, type KeyChain } from './key-change.js';
export { HASH_BYTES, NOTE_BYTES_MAX } from './limits.js';
export { hashLines } from './many.js';
export {
  cosignNote,
  newSigner,
  openNote,
  signerFromText,
  signerToText,
  signNote,
  splitNotes,
  tryVerifier,
  type GoodSignature,
  type NoteSigner,
  type NoteVerifier,
  type OpenedNote,
  type SignatureType,
} from './note.js';
export {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  rootAt,
  type Consistency,
  type Inclusion,
  type NodeReader,
} from './proofs.js';
