/** Where a command reads and writes. Handed in, so that commands do not know the process they run in. */

export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string | Uint8Array): boolean;
}

export interface Io {
  /** Results. */
  readonly out: TextStream;
  /** Everything that is not a result: progress, notes, errors. */
  readonly err: TextStream;
  readonly env: NodeJS.ProcessEnv;
  /** Aborts when the user ends the command. */
  readonly signal: AbortSignal;
}
