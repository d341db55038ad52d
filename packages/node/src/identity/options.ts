/** How a service says who its users are. */

/** Where in a request an id stands. */
export interface IdSource {
  readonly cookie?: string | undefined;
  readonly header?: string | undefined;
  /** Part of the value: from, to (exclusive), as in `slice`. */
  readonly slice?: readonly [from: number, to?: number] | undefined;
  /**
   * The value is a pseudonym already and is taken as it is. Without it the value is a real id, of which only a keyed hash
   * is written.
   */
  readonly adopt?: boolean | undefined;
}

export interface IdentityOptions {
  /** The key file: `keys.json` of the server's identity folder. `SILLOK_IDENTITY_KEYS`. */
  readonly keys?: string | undefined;
  /** The session of each request: `{ cookie: 'sid' }`. */
  readonly session?: IdSource | undefined;
  /** The account of each request. A header only where a proxy of ours sets it and strangers cannot. */
  readonly user?: IdSource | undefined;
}

/** What is known about somebody. Real ids, of which none is written; and pseudonyms, which are. */
export interface Identification {
  readonly session?: string | undefined;
  /** The session that the framework had before it made a new one, if the request did not come with it. */
  readonly previousSession?: string | undefined;
  readonly user?: string | undefined;
  /** Pseudonyms that the company has already. */
  readonly sessionHash?: string | undefined;
  readonly userHash?: string | undefined;
  /** By which a customer may ask to be found. */
  readonly email?: string | undefined;
  readonly phone?: string | undefined;
  readonly member?: string | undefined;
  readonly orders?: string | readonly string[] | undefined;
}

export interface Identified {
  readonly sessionHash?: string;
  readonly userHash?: string;
}
