/** Names on disk in the identity folder, which the server and services share. */

/** The secrets of all epochs, mode 600. */
export const IDENTITY_KEYS_FILE = 'keys.json';

/** One file per person with a key of their own: the hash of the name, in 256 folders. */
export const PERSONS_DIRECTORY = 'persons';
