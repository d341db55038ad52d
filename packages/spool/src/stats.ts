/** What a writer says of its folder and of itself. */
export interface SpoolStats {
  readonly segments: number;
  /** On disk, compressed segments as they are. */
  readonly bytes: number;
  /** Appended by this writer. */
  readonly records: number;
  /** Records that this writer refused: full disk or quota. Their callers were told one by one. */
  readonly dropped: number;
  /** Shipped segments removed to stay within the quota. */
  readonly removedSegments: number;
  readonly syncs: number;
}
