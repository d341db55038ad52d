/** Calls about people: each of them is in the audit trail of the server. */
import type { Http } from './http.js';
import type {
  PersonEraseAnswer,
  PersonEraseBody,
  PersonLookupAnswer,
  PersonLookupBody,
  PersonOpenAnswer,
  PersonOpenBody,
} from './person-schemas.js';
import type {
  DebugEndAnswer,
  DebugRouteAnswer,
  DebugRouteBody,
  DebugRouteVerdict,
  DebugSessionsAnswer,
} from './debug-route-schemas.js';
import { pathOf } from './routes.js';

export interface PersonClient {
  /** Who is meant by what a customer says. */
  lookup(asked: PersonLookupBody): Promise<PersonLookupAnswer>;
  /** The personal fields of one record in plain. Needs the scope `personal`. */
  open(asked: PersonOpenBody): Promise<PersonOpenAnswer>;
  /** Destroys the person's keys for good. Needs the scope `admin`. */
  erase(asked: PersonEraseBody): Promise<PersonEraseAnswer>;
}

export interface DebugRouteClient {
  /** Signs a rule: only requests that carry it go to the named versions. Needs the scope `write`. */
  create(asked: DebugRouteBody): Promise<DebugRouteAnswer>;
  verify(token: string): Promise<DebugRouteVerdict>;
  /** The sessions whose rules are not over yet. */
  list(): Promise<DebugSessionsAnswer>;
  /** Ends one before its time. Needs the scope `write`. */
  end(id: string): Promise<DebugEndAnswer>;
}

export function debugRouteClient(http: Http): DebugRouteClient {
  return {
    create: (json) => http.json({ method: 'POST', path: pathOf('debugRoute'), json }),
    verify: (token) => http.json({ method: 'POST', path: pathOf('debugRouteVerify'), json: { token } }),
    list: () => http.json({ method: 'GET', path: pathOf('debugRoute') }),
    end: (id) => http.json({ method: 'DELETE', path: pathOf('debugRouteOne', { id }) }),
  };
}

export function personClient(http: Http): PersonClient {
  return {
    lookup: (json) => http.json({ method: 'POST', path: pathOf('personLookup'), json }),
    open: (json) => http.json({ method: 'POST', path: pathOf('personOpen'), json }),
    erase: (json) => http.json({ method: 'POST', path: pathOf('personErase'), json }),
  };
}
