/** Replays into second databases, as the server hears of them from the programs that run them. */

/** What a look found, or the last one that was told. */
export interface ReplayFoundShape {
  readonly at: string;
  readonly compared: number;
  readonly missing: number;
  readonly stale: number;
  readonly not_deleted: number;
  /** Only in the second database; null when that was not looked at. */
  readonly only_there: number | null;
}

export interface ReplayShape {
  readonly name: string;
  /** `follow`: brings each change over; `check`: looks on a schedule. */
  readonly mode: 'follow' | 'check';
  readonly service: string;
  readonly entity: string;
  readonly sink: string;
  readonly owner: string | null;
  /** `silent`: it said when it would speak again, and did not; `failing`: it runs and cannot do its work. */
  readonly state: 'running' | 'behind' | 'failing' | 'silent' | 'stopped';
  readonly heard_at: string;
  /** Of `follow`: as it said last. Null while nothing is known. */
  readonly lag_ms: number | null;
  /** Null while nothing was compared. */
  readonly found: ReplayFoundShape | null;
  /** Of `follow`: entities that its sink does not take, tried again all the time. Null while nothing is known. */
  readonly left: number | null;
}
