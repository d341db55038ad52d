/** What the exit status of every command means. Listed in docs/reference/cli.md. */
export const EXIT = {
  ok: 0,
  /** The server refused, or something failed that is not named below. */
  failed: 1,
  /** The command line cannot be used as written. */
  usage: 2,
  /** No answer from the server. */
  unreachable: 3,
  /** No key, a wrong key, or one without the scope. */
  refused: 4,
  /** Done, but not all of it: lines that were not taken, damage that was found, problems that doctor names. */
  partly: 5,
  /** Ended by Ctrl-C or SIGTERM before it was done. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP: readonly { readonly code: ExitCode; readonly meaning: string }[] = [
  { code: EXIT.ok, meaning: 'done' },
  { code: EXIT.failed, meaning: 'the server refused, or something failed' },
  { code: EXIT.usage, meaning: 'the command line cannot be used as written' },
  { code: EXIT.unreachable, meaning: 'the server does not answer' },
  { code: EXIT.refused, meaning: 'no key, a wrong key, or a key without the scope that is needed' },
  { code: EXIT.partly, meaning: 'done in part: lines not taken, damage found, problems named by doctor' },
  { code: EXIT.interrupted, meaning: 'ended by Ctrl-C before it was done' },
];
