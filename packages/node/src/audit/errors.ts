/** Thrown by the work inside of a transaction to say that it was not allowed: the outcome is `denied`. */
export class AuditDenied extends Error {
  readonly code = 'audit_denied';

  constructor(message: string) {
    super(message);
    this.name = 'AuditDenied';
  }
}
