/** Every limit of proofs, with its reason. */

/** SHA-256. */
export const HASH_BYTES = 32;

/** Levels of a tree: 2^53 leaves are more than a number can count exactly, and a proof has at most one hash a level. */
export const LEVELS_MAX = 53;

/** A signed note: a checkpoint has about 200 bytes and each signature about 150. */
export const NOTE_BYTES_MAX = 64 * 1024;

/** Signatures of one note: the log's and its witnesses'. Checking each costs about 100 µs. */
export const SIGNATURES_MAX = 100;

/** The name of a key, as it stands in front of its signature. */
export const KEY_NAME_CHARACTERS_MAX = 256;

/** Sizes in a signature line: the key's id, the time of a cosignature (seconds, big-endian), an Ed25519 signature. */
export const ID_BYTES = 4;
export const TIME_BYTES = 8;
export const ED25519_BYTES = 64;

/** Changes of the signing key that are followed: one a week for twenty years. */
export const KEY_CHANGES_MAX = 1000;

/** Views of the buffer that leaves are hashed from: up to lines of this many bytes, 100 bytes each. */
export const VIEWS_MAX = 4096;
