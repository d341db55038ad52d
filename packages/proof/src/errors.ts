/** Bad input to this package is a returned verdict; only keys that are no keys are errors. */
export class ProofError extends Error {
  readonly code: 'bad_key';
  readonly help: string;

  constructor(message: string, help: string) {
    super(message);
    this.name = 'ProofError';
    this.code = 'bad_key';
    this.help = help;
  }
}
