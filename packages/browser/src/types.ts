/** What the rooms of the SDK hand to each other, and what a page hands to `init`. */

export type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type Attributes = { readonly [name: string]: unknown };

/** Place in a trace: of a click, of a page view, of a request. */
export interface Place {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId?: string | undefined;
}

/** A record before it has a number and a time. */
export interface Draft {
  readonly kind: 'event' | 'span';
  readonly level: Level;
  readonly message: string;
  readonly place: Place;
  readonly attributes: Attributes;
}

/** The ids above a trace. Hashes are made by the server, never here. */
export interface Ids {
  readonly global_trace_id?: string | undefined;
  readonly session_hash?: string | undefined;
  readonly user_hash?: string | undefined;
}

export interface SnapshotOptions {
  /** Dotted paths that may leave the page; nothing else does. */
  readonly allow: readonly string[];
  readonly read: () => unknown;
}

export interface BrowserOptions {
  /** Address of the Sillok server: `https://sillok.example`. */
  readonly url: string;
  /** A key with the scope `browser`, which may only write. It is public, like the page. */
  readonly key: string;
  /** Becomes `service.name`; the kill switch and storm notices call it so. */
  readonly app: string;
  /** Becomes `service.version`; source maps are looked up by it. */
  readonly release?: string;
  /** Becomes `deployment.environment.name`. */
  readonly environment?: string;
  /** Other origins that get `traceparent` and `baggage`. The page's own origin always does. */
  readonly propagateTo?: readonly string[];
  /** Whether an identifier may be stored in this browser. Default false: none outlives the page. */
  readonly consent?: boolean;
  /** Ids from a native app around this page. */
  readonly ids?: Ids;
  /** Calls of `console` that become records. Default none. */
  readonly console?: readonly ('error' | 'warn' | 'info' | 'log')[];
  /** Clicks as records. Default true. */
  readonly clicks?: boolean;
  /** Core Web Vitals as records; they are loaded apart. Default true. */
  readonly vitals?: boolean;
  /** State that is recorded beside an error. */
  readonly snapshot?: SnapshotOptions;
}
