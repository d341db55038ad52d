/**
 * From where the one asks who was let in a moment ago, for the entries of the audit log that are written far below the route. It
 * holds until the turn ends in which they were let in, so an entry can have no address, and never that of another request: who
 * waits in between says the address itself.
 */
interface Asking {
  readonly keyId: string;
  readonly address: string;
}

let asking: Asking | undefined;

export function letIn(who: Asking): void {
  asking = who;
  queueMicrotask(() => {
    if (asking === who) asking = undefined;
  });
}

/** Undefined also when somebody else was let in last. */
export function addressOf(keyId: string): string | undefined {
  return asking?.keyId === keyId ? asking.address : undefined;
}
