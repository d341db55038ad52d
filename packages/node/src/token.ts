/** A flush token: which record must be visible before a search with `after=` answers. Opaque to everyone else. */

export interface FlushPoint {
  readonly producer: string;
  readonly boot: string;
  /** The last record that the token stands for; 0 when there is none. */
  readonly seq: number;
}

/** Header of a response in test mode. */
export const TOKEN_HEADER = 'x-sillok-token';

export function encodeToken(point: FlushPoint): string {
  const { producer, boot, seq } = point;
  return Buffer.from(JSON.stringify({ producer, boot, seq })).toString('base64url');
}
